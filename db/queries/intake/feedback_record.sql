-- feedback_record :optional
-- A feedback and what became of it for whoever holds its secret; $1 feedback, $2 secret, $3 whether the caller may
-- read all.
select json_strip_nulls(json_build_object(
    'id', feedback.id,
    'status', feedback.status,
    'amenity', feedback.amenity,
    'kind', feedback.kind,
    'field', feedback.correction ->> 'field',
    'value', feedback.correction ->> 'value',
    'stars', feedback.stars,
    'reply', feedback.reply,
    'timeline', (
        select json_agg(json_build_object('status', event.status, 'at', event.at, 'note', event.note) order by event.id)
        from intake.event where event.feedback = feedback.id
    ),
    'job', (
        select json_build_object('id', job.id, 'state', job.state, 'reason', job.last_error)
        from queue.job where job.id = feedback.job
    )
)) as record
from intake.feedback
where feedback.id = $1::uuid and ($3::boolean or feedback.secret_hash = sha256(convert_to($2::text, 'UTF8')))
