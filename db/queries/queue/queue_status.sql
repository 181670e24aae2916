-- queue_status :one
-- Counts by kind and state, the oldest job that waits, what is paused and capped, who is at work, and what the tables and
-- the server's room for notifications (0 to 1) have to bear, and which schedules can't be fired; $1 whether to tell what those do that hold snapshots.
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
        select json_agg(json_build_object(
            'park', park, 'waiting', waiting, 'running', running, 'oldest_ready_s', round(oldest::numeric, 3)
        ) order by park)
        from (
            select
                park, count(*) filter (where lease is null) as waiting,
                count(*) filter (where lease is not null) as running,
                extract(
                    epoch from queue.now() - min(run_at) filter (where lease is null and run_at <= queue.now())
                ) as oldest
            from queue.live where park <> '' group by park
        ) by_park
    ), '[]'::json),
    'paused', conditions.paused,
    'caps', conditions.caps,
    'workers', conditions.workers,
    'generations', conditions.generations,
    'rotated_at', (select rotated_at from queue.rotation),
    'held_snapshots', conditions.held_snapshots,
    'troubled_schedules', coalesce((
        select json_agg(json_build_object('name', name, 'trouble', trouble, 'since', troubled_at) order by name)
        from queue.schedule where trouble is not null
    ), '[]'::json),
    'notification_queue_usage', pg_notification_queue_usage()
) as status
from queue.conditions($1::bool) as conditions
