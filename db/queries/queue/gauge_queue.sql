-- gauge_queue :one
-- What a scrape of a worker's metrics shows of the queue: for each of the kinds $1, in their order, how many jobs are due
-- (at most 10,000 of each park), how many run, and for how many seconds the one has waited that has waited longest; how many
-- dead rows the generations have; for how many seconds the oldest snapshot has been held.
with lane as materialized (
    select * from queue.lanes($1::text[])
),
handled as (
    select
        asked.n, coalesce(sum(lane.waiting), 0)::bigint as waiting, coalesce(sum(lane.running), 0)::bigint as running,
        greatest(coalesce(extract(epoch from queue.now() - min(lane.oldest)), 0), 0)::float8 as oldest
    from unnest($1::text[]) with ordinality as asked (kind, n)
    left join lane on lane.kind = asked.kind
    group by asked.n
)
select
    array_agg(waiting order by n) as waiting, array_agg(running order by n) as running, array_agg(oldest order by n) as oldest,
    (
        select sum(pg_stat_get_dead_tuples(format('queue.live_%s', generation)::regclass))
        from generate_series(0, 2) as generation
    )::bigint as dead_rows,
    coalesce((select max(age) from queue.snapshot_holders()), 0)::float8 as held
from handled
