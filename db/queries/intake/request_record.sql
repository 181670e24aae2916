-- request_record :optional
-- A request and its answer for whoever holds its secret; $1 request, $2 secret, $3 whether the caller may read all.
select json_strip_nulls(json_build_object(
    'id', request.id,
    -- A job that gave up leaves the request to a person.
    'status', case when job.state = 'dead' then 'needs_staff' else request.status end,
    'text', request.text,
    'understood', request.understood,
    'matches', request.matches,
    'nearest_alternative', request.nearest_alternative,
    'timeline', (
        select json_agg(json_build_object('status', event.status, 'at', event.at, 'note', event.note) order by event.id)
        from intake.event where event.request = request.id
    ),
    -- The reason is a word: what went wrong inside, and why operators hold jobs back, is for them alone.
    'job', case when job.id is not null then json_build_object(
        'id', job.id, 'state', job.state,
        'reason', case job.state when 'failed' then 'waits_to_be_retried' when 'dead' then 'gave_up' end,
        'position', wait.position, 'expected_at', wait.expected_at
    ) end
)) as record
from intake.request
left join queue.job on job.id = request.job
cross join lateral queue.explain_wait(case when job.state in ('scheduled', 'ready', 'failed') then job.id end) as wait
where request.id = $1::uuid and ($3::boolean or request.secret_hash = sha256(convert_to($2::text, 'UTF8')))
