-- measure_parts :many
-- The jobs of kind $1 that are done, over $2 equal parts of the time from the first claim to the last completion. A part
-- in which nothing ended is there too: that is what a stall looks like.
with done as (
    select started_at - enqueued_at as pickup, finished_at, min(started_at) over () as start
    from queue.job where kind = $1::text and state = 'done'
),
span as (
    select min(start) as start, extract(epoch from max(finished_at) - min(start)) / $2::int as seconds from done
),
-- Apart, so that the parts can be joined by their numbers.
placed as materialized (
    select
        pickup,
        least(
            $2::int, 1 + floor(extract(epoch from finished_at - span.start) / nullif(span.seconds, 0))::int
        ) as part
    from done cross join span
)
select
    count(placed.pickup) as done,
    coalesce((select seconds from span), 0)::float8 as seconds,
    (extract(epoch from percentile_disc(0.99) within group (order by placed.pickup)) * 1000)::float8 as pickup_ms_p99
from generate_series(1, $2::int) as part left join placed using (part)
group by part
order by part
