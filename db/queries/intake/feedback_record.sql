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
    -- The reason is a word: what went wrong inside, and why operators hold jobs back, is for them alone.
    'job', case when job.id is not null then json_build_object(
        'id', job.id, 'state', job.state,
        'reason', case job.state when 'failed' then 'waits_to_be_retried' when 'dead' then 'gave_up' end,
        'position', wait.position, 'expected_at', wait.expected_at
    ) end
)) as record
from intake.feedback
left join queue.job on job.id = feedback.job
cross join lateral queue.explain_wait(case when job.state in ('scheduled', 'ready', 'failed') then job.id end) as wait
where feedback.id = $1::uuid and ($3::boolean or feedback.secret_hash = sha256(convert_to($2::text, 'UTF8')))
