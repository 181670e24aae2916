-- find_schedule :optional
-- The entry called $1 of the schedule, locked, so that a change can be made from what it is.
select cron, zone, kind, payload, park, priority, backfill from queue.schedule where name = $1::text for update
