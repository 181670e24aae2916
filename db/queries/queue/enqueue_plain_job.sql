-- enqueue_plain_job :one
-- Puts a job without a key into the queue in the caller's transaction, as queue.enqueue does, at half its price: a function
-- prepares anew in each transaction what it evaluates. $1 kind, $2 payload, $3 park, $4 when, $5 priority, $6 origin.
with moment as materialized (
    select queue.now() as moment
)
insert into queue.live (id, generation, kind, payload, park, run_at, later, priority, rank, enqueued_at, origin)
select
    nextval('queue.job_id'), rotation.current, $1::text, $2::jsonb, coalesce($3::text, ''), due.run_at,
    due.run_at > moment, due.priority, queue.rank(due.run_at, due.priority), moment,
    left($6::text, queue.longest_origin())
from moment
cross join queue.rotation
cross join lateral (
    select greatest($4::timestamptz, moment) as run_at, coalesce($5::smallint, 100::smallint) as priority
) as due
-- Most are worth no closer look.
where ($1::text <> '' and pg_column_size($2::jsonb) < 900) is true or queue.require_valid($1::text, $2::jsonb) is not null
returning id, false as duplicate
