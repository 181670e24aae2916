-- pause_schedule :optional
-- Pauses the entry $1 of the schedule, waiting for a firing under way. One that is paused already stays so. `since` as
-- RFC 3339.
with entry as (
    select name, paused_at from queue.schedule where name = $1::text for update
),
paused as (
    update queue.schedule set paused_at = queue.now()
    from entry where schedule.name = entry.name and entry.paused_at is null
    returning schedule.paused_at
)
select
    to_json(coalesce(entry.paused_at, (select paused_at from paused))) #>> '{}' as since, entry.paused_at is null as is_new
from entry
