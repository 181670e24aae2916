-- discard_job :one
-- Forgets a dead or cancelled job for good; $1 job.
-- Null where there is no such job; changed is false where it may still run, or was done and is kept as evidence.
with gone as (
    delete from queue.outcome where id = $1::bigint and state in ('dead', 'cancelled') returning id
)
select (select state from queue.job where id = $1::bigint) as state, exists (select from gone) as changed
