-- register_worker :one
-- Announces a process and takes the lock that its session holds for life; $1 program, $2 host, $3 process id.
with registered as (
    insert into queue.worker (program, host, pid) values ($1::text, $2::text, $3::int) returning id
)
select id, pg_try_advisory_lock(7411, id::int) as is_locked from registered
