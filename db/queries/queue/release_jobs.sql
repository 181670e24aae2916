-- release_jobs :exec
-- Gives claimed jobs back without a charge, as a worker does that stops before it began them; $1 jobs, $2 lease.
update queue.live
set lease = null, worker = null, deadline = null
where id = any ($1::bigint[]) and lease = $2::bigint
