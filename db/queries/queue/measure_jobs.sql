-- measure_jobs :one
-- What became of $2 jobs of kind $1 on a queue that had no others; $3 whether each must have left a probe's effect.
-- A job is lost unless it is done with its effect; every effect beyond a job's first, and a job that is done and still
-- there, counts as doubled. The seconds run from the first claim to the last completion.
with done as (
    select id, started_at - enqueued_at as pickup, started_at, finished_at
    from queue.outcome where kind = $1::text and state = 'done'
),
effect as (
    select job, count(*) as times from queue.probe_effect group by job
)
select
    count(*) as done,
    coalesce(extract(epoch from max(finished_at) - min(started_at)), 0)::float8 as seconds,
    (extract(epoch from percentile_disc(0.5) within group (order by pickup)) * 1000)::float8 as pickup_ms_p50,
    (extract(epoch from percentile_disc(0.99) within group (order by pickup)) * 1000)::float8 as pickup_ms_p99,
    $2::bigint - count(*) filter (where not $3::bool or effect.times > 0) as lost,
    (
        coalesce((select sum(times - 1) from effect), 0)
        + (select count(*) from done join queue.live using (id))
    )::bigint as doubled
from done left join effect on effect.job = done.id
