-- reclaim_worker :one
-- Takes a process's lock again after its session was lost, so that its jobs stay its own; $1 worker. Not known: others
-- have taken it for dead. Not locked: the lost session has not ended on the server yet.
with known as (
    update queue.worker set seen_at = queue.now() where id = $1::bigint returning id
)
select
    exists (select from known) as is_known,
    coalesce((select pg_try_advisory_lock(7411, id::int) from known), false) as is_locked
