-- retire_worker :exec
-- Signs a process off that has ended all its jobs; $1 worker, $2 its leases of which it knows that nothing is left to do.
with ended as (
    delete from queue.lease where token = any ($2::bigint[])
)
delete from queue.worker where id = $1::bigint
