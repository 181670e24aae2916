-- get_job :optional
-- One job with what is known of when it will run; $1 job.
select json_strip_nulls(json_build_object(
    'id', job.id, 'kind', job.kind, 'park', job.park, 'state', job.state, 'priority', job.priority,
    'attempt', job.attempt, 'crashes', job.crashes, 'unique_key', job.unique_key,
    'enqueued_at', job.enqueued_at, 'run_at', job.run_at, 'started_at', job.started_at,
    'finished_at', job.finished_at, 'worker', job.worker, 'last_error', job.last_error,
    'payload', job.payload, 'result', job.result,
    'origin', coalesce(
        (select live.origin from queue.live where live.id = job.id),
        (select outcome.origin from queue.outcome where outcome.id = job.id limit 1)
    ),
    'position', wait.position, 'reason', wait.reason, 'expected_at', wait.expected_at
)) as job
from queue.job
cross join lateral queue.explain_wait(job.id) as wait
where job.id = $1::bigint
