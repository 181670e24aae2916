-- queue_status :one
-- Counts by kind and state, the oldest job that waits, what is paused and capped, who is at work, and what the tables have
-- to bear.
with counted as (
    select
        kind, state, count(*) as jobs,
        extract(epoch from queue.now() - min(run_at) filter (where state = 'ready')) as oldest
    from queue.job group by kind, state
)
select json_build_object(
    'kinds', coalesce((
        select json_agg(json_build_object(
            'kind', kind, 'states', states, 'oldest_ready_s', oldest,
            'workers', (select count(*) from queue.worker where by_kind.kind = any (worker.kinds))
        ) order by kind)
        from (
            select kind, json_object_agg(state, jobs order by state) as states, round(max(oldest)::numeric, 3) as oldest
            from counted group by kind
        ) by_kind
    ), '[]'::json),
    'parks', coalesce((
        select json_agg(json_build_object('park', park, 'waiting', waiting, 'running', running) order by park)
        from (
            select
                park, count(*) filter (where lease is null) as waiting, count(*) filter (where lease is not null) as running
            from queue.live where park <> '' group by park
        ) by_park
    ), '[]'::json),
    'paused', coalesce((
        select json_agg(json_build_object(
            'scope', scope, 'name', name, 'since', since, 'by', paused_by, 'reason', reason
        ) order by scope, name)
        from queue.pause
    ), '[]'::json),
    'caps', coalesce((
        select json_agg(json_strip_nulls(json_build_object(
            'scope', scope, 'name', name, 'running', running, 'rate', rate, 'burst', case when rate is not null then burst end
        )) order by scope, name)
        from queue.cap
    ), '[]'::json),
    'workers', coalesce((
        select json_agg(json_build_object(
            'id', id, 'program', program, 'host', host, 'pid', pid, 'started_at', started_at, 'seen_at', seen_at,
            'kinds', kinds, 'concurrency', concurrency, 'jobs_per_second', round(pace::numeric, 1)
        ) order by id)
        from queue.worker
    ), '[]'::json),
    'generations', (
        select json_agg(json_build_object(
            'generation', generation, 'is_current', generation = rotation.current,
            'dead_rows', pg_stat_get_dead_tuples(format('queue.live_%s', generation)::regclass),
            'bytes', pg_total_relation_size(format('queue.live_%s', generation)::regclass)
        ) order by generation)
        from queue.rotation cross join generate_series(0, 2) as generation
    ),
    'rotated_at', (select rotated_at from queue.rotation),
    'held_snapshots', coalesce((
        select json_agg(json_build_object('holder', holder, 'age_s', round(age::numeric, 1), 'doing', detail))
        from (select * from queue.snapshot_holders() where coalesce(age, 5) >= 5 limit 5) held
    ), '[]'::json)
) as status
