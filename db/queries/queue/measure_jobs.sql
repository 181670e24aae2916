-- measure_jobs :one
-- What became of the jobs of kind $1; $2 whether each must have left a probe's effect.
-- Those that are done without one do not count as whole; every effect beyond a job's first, every end beyond a job's
-- first, and a job that is done and still there, counts as doubled. The seconds run from the first claim to the last
-- completion.
with job as (
    select id, state, started_at - enqueued_at as pickup, started_at, finished_at
    from queue.job where kind = $1::text
),
effect as (
    select job, count(*) as times from queue.probe_effect where job in (select id from job) group by job
),
done as (
    select job.*, effect.times from job left join effect on effect.job = job.id where state = 'done'
)
select
    count(distinct id) as done,
    count(distinct id) filter (where not $2::bool or times > 0) as whole,
    (select count(distinct id) from job where state not in ('done', 'dead', 'cancelled')) as waiting,
    (
        coalesce((select sum(times - 1) from effect), 0)
        + (select count(*) - count(distinct id) from job)
    )::bigint as doubled,
    coalesce(extract(epoch from max(finished_at) - min(started_at)), 0)::float8 as seconds,
    (extract(epoch from percentile_disc(0.5) within group (order by pickup)) * 1000)::float8 as pickup_ms_p50,
    (extract(epoch from percentile_disc(0.99) within group (order by pickup)) * 1000)::float8 as pickup_ms_p99
from done
