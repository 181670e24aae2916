-- release_strays :exec
-- Gives back without a charge what a worker holds but does not know of, since the answer to its claim was lost; $1 worker,
-- $2 the jobs it knows of.
select from (
    select array_agg(busy.id) as jobs, busy.lease from queue.running() as busy
    where busy.worker = $1::bigint and busy.id <> all ($2::bigint[])
    group by busy.lease
) as stray
cross join lateral queue.release(stray.jobs, stray.lease)
