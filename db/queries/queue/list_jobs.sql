-- list_jobs :one
-- The newest jobs as an array; $1 state, $2 kind, $3 park, $4 only below this id, $5 how many.
select coalesce(json_agg(json_strip_nulls(json_build_object(
    'id', id, 'kind', kind, 'park', park, 'state', state, 'priority', priority, 'attempt', attempt, 'crashes', crashes,
    'enqueued_at', enqueued_at, 'run_at', run_at, 'started_at', started_at, 'finished_at', finished_at,
    'worker', worker, 'last_error', last_error
)) order by id desc), '[]'::json) as jobs
from (
    select * from queue.job
    where ($1::text is null or state = $1::text) and ($2::text is null or kind = $2::text)
        and ($3::text is null or park = $3::text) and ($4::bigint is null or id < $4::bigint)
    order by id desc
    limit $5::int
) job
