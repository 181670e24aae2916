-- fire_schedule :one
-- Puts a job into the queue for each due time $2 of the entry $1, which the caller has locked, and records it; then the
-- entry is decided until $3 and next due at $4. Instants in seconds since 1970. Returns how many jobs that made: a due
-- time that was fired before, by a clock that has gone back since, makes none. `run_at` stays the time of the enqueue,
-- since a job that was due yesterday must not overtake what waits.
with due as materialized (
    select to_timestamp(second) as due_at from unnest($2::bigint[]) as second
    where not exists (
        select from queue.schedule_firing where schedule = $1::text and due_at = to_timestamp(second)
    )
    order by second
),
enqueued as materialized (
    select due.due_at, job.id
    from due, queue.schedule as entry, lateral queue.enqueue(
        kind => entry.kind,
        payload => entry.payload || jsonb_build_object('_schedule', jsonb_build_object(
            'name', entry.name,
            'due_at', to_char(due.due_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
        )),
        park => entry.park,
        priority => entry.priority,
        origin => 'schedule ' || entry.name
    ) as job
    where entry.name = $1::text
),
recorded as (
    insert into queue.schedule_firing (schedule, due_at, job) select $1::text, due_at, id from enqueued
    returning due_at
),
forgotten as (
    delete from queue.schedule_firing
    where schedule = $1::text and due_at < to_timestamp($3::bigint) - interval '30 days'
)
update queue.schedule
set decided_until = to_timestamp($3::bigint), next_due_at = to_timestamp($4::bigint),
    last_due_at = greatest(last_due_at, (select max(due_at) from recorded)), trouble = null, troubled_at = null
where name = $1::text
returning (select count(*) from recorded)::int as jobs
