-- release_strays :exec
-- Gives back without a charge what a worker holds but does not run, since the answer to its claim was lost; $1 worker,
-- $2 the jobs it runs.
update queue.live
set lease = null, worker = null, deadline = null
where worker = $1::bigint and id <> all ($2::bigint[])
