-- put_schedule :one
-- Makes $1 an entry of the schedule, or changes it: $2 cron, $3 zone, $4 kind, $5 payload, $6 park, $7 priority, $8
-- backfill. $9 is its next due time, in seconds since 1970. A new or changed line, or another zone, begins with now: the
-- past is not fired.
insert into queue.schedule as entry (
    name, cron, zone, kind, payload, park, priority, backfill, decided_until, next_due_at
)
select
    $1::text, $2::text, $3::text, $4::text, $5::jsonb, $6::text, $7::smallint, $8::int, queue.now(),
    to_timestamp($9::bigint)
from queue.require_valid($4::text, $5::jsonb)
on conflict (name) do update set
    cron = excluded.cron, zone = excluded.zone, kind = excluded.kind, payload = excluded.payload, park = excluded.park,
    priority = excluded.priority, backfill = excluded.backfill, trouble = null, troubled_at = null,
    decided_until = case when (entry.cron, entry.zone) is distinct from (excluded.cron, excluded.zone)
        then excluded.decided_until else entry.decided_until end,
    next_due_at = case when (entry.cron, entry.zone) is distinct from (excluded.cron, excluded.zone)
        then excluded.next_due_at else entry.next_due_at end
returning xmax = 0 as is_new, paused_at is not null as is_paused
