-- cancel_job :one
-- Takes a job that waits out of the queue and keeps it as cancelled; $1 job. Its key is free at once.
-- Null where there is no such job; changed is false where it runs already or has ended.
with gone as (
    delete from queue.live where id = $1::bigint and lease is null returning *
),
kept as (
    insert into queue.outcome (
        id, kind, park, state, priority, attempt, crashes, unique_key, enqueued_at, run_at, started_at, last_error,
        payload
    )
    select
        id, kind, park, 'cancelled', priority, attempt, crashes, unique_key, enqueued_at, run_at, started_at,
        last_error, payload
    from gone
),
freed as (
    delete from queue.unique_key using gone where unique_key.key = gone.unique_key
)
select (select state from queue.job where id = $1::bigint) as state, exists (select from gone) as changed
