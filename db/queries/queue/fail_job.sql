-- fail_job :one
-- Records that a handler said no: the job waits for $4 and runs again, or is dead after $5 attempts. Null when the
-- lease was lost meanwhile. $1 job, $2 lease, $3 what went wrong, $4 delay, $5 the most attempts.
with spent as (
    delete from queue.live
    where id = $1::bigint and lease = $2::bigint and attempt + 1 >= $5::int
    returning *
),
buried as (
    insert into queue.outcome (
        id, kind, park, state, priority, attempt, crashes, unique_key, enqueued_at, run_at, started_at, worker, lease,
        last_error, payload
    )
    select
        id, kind, park, 'dead', priority, attempt + 1, crashes, unique_key, enqueued_at, run_at, started_at, worker,
        lease, left($3::text, 2000), payload
    from spent
),
freed as (
    delete from queue.unique_key using spent where unique_key.key = spent.unique_key
),
waiting as (
    update queue.live
    set lease = null, worker = null, deadline = null, attempt = attempt + 1, last_error = left($3::text, 2000),
        run_at = clock_timestamp() + $4::interval
    where id = $1::bigint and lease = $2::bigint and attempt + 1 < $5::int
    returning id
)
select case
    when exists (select from waiting) then 'failed'
    when exists (select from spent) then 'dead'
end as state
