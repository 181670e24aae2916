-- register_worker :one
-- Announces a process and takes the lock that its session holds for life; $1 program, $2 host, $3 process id, $4 the kinds
-- it handles, $5 jobs at the same time, $6 whether it does without a lock.
with registered as (
    insert into queue.worker (program, host, pid, kinds, concurrency, poll_only, started_at, seen_at)
    values ($1::text, $2::text, $3::int, $4::text[], $5::int, $6::boolean, queue.now(), queue.now())
    returning id
)
select id, $6::boolean or pg_try_advisory_lock(7411, id::int) as is_locked from registered
