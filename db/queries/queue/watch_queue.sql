-- watch_queue :one
-- A look at the queue for whoever looks every second: it costs little however many jobs are kept. Of each kind and park at
-- most 10,000 jobs that wait are counted, as of those that are scheduled and that are dead. What has been enqueued counts
-- duplicates too, and that and the workers' done and failed only ever grow: the differences of two looks are rates.
select json_build_object(
    'at', queue.now(),
    'at_s', round(extract(epoch from queue.now()), 3),
    'enqueued', (select case when is_called then last_value else 0 end from queue.job_id),
    'lanes', coalesce((
        select json_agg(json_build_object(
            'kind', lane.kind, 'park', nullif(lane.park, ''), 'waiting', lane.waiting, 'running', lane.running,
            'oldest_s', round(extract(epoch from queue.now() - lane.oldest), 3),
            'workers', (select count(*) from queue.worker where lane.kind = any (worker.kinds))
        ) order by lane.kind, lane.park)
        from queue.lanes() as lane
    ), '[]'::json),
    'scheduled', (select count(*) from (select from queue.live where later limit 10000) as first),
    'dead', (select count(*) from (select from queue.dead limit 10000) as first),
    'most_counted', 10000,
    'paused', conditions.paused,
    'caps', conditions.caps,
    'workers', conditions.workers,
    'generations', conditions.generations,
    'held_snapshots', conditions.held_snapshots
) as look
from queue.conditions(true) as conditions
