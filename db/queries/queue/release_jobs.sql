-- release_jobs :exec
-- Gives claimed jobs back without a charge, as a worker does that stops before it began them; $1 jobs, $2 lease.
select from queue.release($1::bigint[], $2::bigint)
