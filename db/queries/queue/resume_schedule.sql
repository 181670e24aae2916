-- resume_schedule :optional
-- Ends the pause of the entry $1 of the schedule; `since`, as RFC 3339, is null if it was not paused. What was due
-- meanwhile is over: whoever looks next looks from here, and at once, for the next due time may be in the past.
with entry as (
    select name, paused_at from queue.schedule where name = $1::text for update
),
resumed as (
    update queue.schedule
    set paused_at = null, decided_until = greatest(decided_until, queue.now()),
        next_due_at = greatest(next_due_at, queue.now())
    from entry where schedule.name = entry.name and entry.paused_at is not null
)
select to_json(entry.paused_at) #>> '{}' as since from entry
