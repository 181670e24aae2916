-- take_due_schedule :optional
-- Locks an entry that must be looked at and that nobody else is at, until the end of the transaction. Instants in whole
-- seconds since 1970: a due time is at a full second, so one lies after an instant if and only if it lies after its second.
select
    name, cron, zone, backfill, floor(extract(epoch from decided_until))::bigint as decided_until,
    floor(extract(epoch from queue.now()))::bigint as now
from queue.schedule
where queue.look_at(schedule) <= queue.now()
order by next_due_at, name
limit 1
for update skip locked
