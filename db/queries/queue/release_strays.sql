-- release_strays :exec
-- Gives back without a charge what a worker holds but does not know of, since the answer to its claim was lost; $1 worker,
-- $2 the jobs it knows of.
select from (
    select array_agg(id) as jobs, lease from queue.live
    where worker = $1::bigint and id <> all ($2::bigint[])
    group by lease
) as stray
cross join lateral queue.release(stray.jobs, stray.lease)
