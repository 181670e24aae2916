-- register_worker :one
-- Announces a process and takes the lock that its session holds for life; $1 program, $2 host, $3 process id, $4 whether
-- it does without a lock.
with registered as (
    insert into queue.worker (program, host, pid, poll_only)
    values ($1::text, $2::text, $3::int, $4::boolean) returning id
)
select id, $4::boolean or pg_try_advisory_lock(7411, id::int) as is_locked from registered
