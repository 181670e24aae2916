-- queue_status :one
-- Counts by kind and state, the oldest job that waits, what is paused, who is at work, and how much of the server's room for
-- notifications is taken (0 to 1).
with counted as (
    select
        kind, state, count(*) as jobs,
        extract(epoch from clock_timestamp() - min(run_at) filter (where state = 'ready')) as oldest
    from queue.job group by kind, state
)
select json_build_object(
    'kinds', coalesce((
        select json_agg(json_build_object('kind', kind, 'states', states, 'oldest_ready_s', oldest) order by kind)
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
            from queue.live where park is not null group by park
        ) by_park
    ), '[]'::json),
    'paused', coalesce((
        select json_agg(json_build_object(
            'scope', scope, 'name', name, 'since', since, 'by', paused_by, 'reason', reason
        ) order by scope, name)
        from queue.pause
    ), '[]'::json),
    'workers', coalesce((
        select json_agg(json_build_object(
            'id', id, 'program', program, 'host', host, 'pid', pid, 'started_at', started_at, 'seen_at', seen_at
        ) order by id)
        from queue.worker
    ), '[]'::json),
    'notification_queue_usage', pg_notification_queue_usage()
) as status
