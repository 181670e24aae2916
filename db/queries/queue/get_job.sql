-- get_job :optional
-- One job with what is known of when it will run; $1 job.
select json_strip_nulls(json_build_object(
    'id', job.id, 'kind', job.kind, 'park', job.park, 'state', job.state, 'priority', job.priority,
    'attempt', job.attempt, 'crashes', job.crashes, 'unique_key', job.unique_key,
    'enqueued_at', job.enqueued_at, 'run_at', job.run_at, 'started_at', job.started_at,
    'finished_at', job.finished_at, 'worker', job.worker, 'last_error', job.last_error,
    'payload', job.payload, 'result', job.result,
    'position', case when job.state = 'ready' and wait.reason is null then (
        select count(*) + 1 from queue.live ahead
        where ahead.kind = job.kind and ahead.lease is null and ahead.run_at <= clock_timestamp()
            and (ahead.priority, ahead.run_at, ahead.id) < (job.priority, job.run_at, job.id)
            and (ahead.park is null or ahead.park <> all (array(select name from queue.pause where scope = 'park')))
    ) end,
    'reason', wait.reason
)) as job
from queue.job
cross join lateral (
    -- Where a job runs or has ended, nothing holds it.
    select case when job.state in ('scheduled', 'ready', 'failed') then queue.pause_reason(job.kind, job.park) end
) as wait (reason)
where job.id = $1::bigint
