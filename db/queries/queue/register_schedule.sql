-- register_schedule :exec
-- Puts an entry into the schedule that a program brings along, unless it has done so before or there is one of the name;
-- the parameters are those of put_schedule.
with first as (
    insert into queue.schedule_default (name) values ($1::text) on conflict (name) do nothing returning name
)
insert into queue.schedule (name, cron, zone, kind, payload, park, priority, backfill, decided_until, next_due_at)
select
    name, $2::text, $3::text, $4::text, $5::jsonb, $6::text, $7::smallint, $8::int, queue.now(),
    to_timestamp($9::bigint)
from first
on conflict (name) do nothing
