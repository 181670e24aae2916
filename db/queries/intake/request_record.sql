-- request_record :optional
-- A request and its answer for whoever holds its secret; $1 request, $2 secret, $3 whether the caller may read all.
select json_strip_nulls(json_build_object(
    'id', request.id,
    'status', request.status,
    'text', request.text,
    'understood', request.understood,
    'matches', request.matches,
    'nearest_alternative', request.nearest_alternative,
    'timeline', (
        select json_agg(json_build_object('status', event.status, 'at', event.at, 'note', event.note) order by event.id)
        from intake.event where event.request = request.id
    ),
    'job', (
        select json_build_object(
            'id', job.id, 'state', job.state, 'reason', job.last_error,
            'expected_at', case when job.state in ('ready', 'scheduled', 'failed') then job.run_at end
        )
        from queue.job where job.id = request.job
    )
)) as record
from intake.request
where request.id = $1::uuid and ($3::boolean or request.secret_hash = sha256(convert_to($2::text, 'UTF8')))
