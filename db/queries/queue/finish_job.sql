-- finish_job :one
-- Ends a job as done if $2 still holds it: 1, else 0, and then the caller's effects must be rolled back.
-- $1 job, $2 lease, $3 result.
with gone as (
    delete from queue.live where id = $1::bigint and lease = $2::bigint returning *
),
kept as (
    insert into queue.outcome (
        id, kind, park, state, priority, attempt, crashes, unique_key, enqueued_at, run_at, started_at, worker, lease,
        last_error, payload, result
    )
    select
        id, kind, park, 'done', priority, attempt, crashes, unique_key, enqueued_at, run_at, started_at, worker, lease,
        last_error, payload, $3::jsonb
    from gone
),
released as (
    update queue.unique_key set keep_until = clock_timestamp() + interval '24 hours'
    from gone where unique_key.key = gone.unique_key
)
select count(*)::int as ended from gone
