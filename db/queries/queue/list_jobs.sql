-- list_jobs :one
-- The newest jobs as an array, and the id below which the next page begins, null at the end; $1 state, $2 kind, $3 park, $4
-- only below this id, $5 how many. Not from queue.job, of which the planner can't take the newest alone.
with newest as (
    (
        select
            id, kind, park, queue.live_state(lease, run_at, attempt, (select queue.now())) as state, priority, attempt,
            crashes, enqueued_at, run_at, started_at, null::timestamptz as finished_at, worker, last_error
        from (
            select live.* from queue.live where $1::text is distinct from 'running'
            union all
            select busy.* from queue.running() as busy where $1::text = 'running'
        ) as live
        where ($1::text is null or $1::text not in ('done', 'dead', 'cancelled'))
            and ($1::text is null or queue.live_state(lease, run_at, attempt, (select queue.now())) = $1::text)
            and ($2::text is null or kind = $2::text) and ($3::text is null or park = $3::text)
            and ($4::bigint is null or id < $4::bigint)
        order by id desc
        limit $5::int + 1
    )
    union all
    (
        select
            id, kind, park, state, priority, attempt, crashes, enqueued_at, run_at, started_at, finished_at, worker,
            last_error
        from queue.outcome
        where state = any (case when $1::text is null then '{done,dead,cancelled}' else array[$1::text] end)
            and ($2::text is null or kind = $2::text) and ($3::text is null or park = $3::text)
            and ($4::bigint is null or id < $4::bigint)
        order by id desc
        limit $5::int + 1
    )
),
numbered as (
    select row_number() over (order by id desc) as n, * from newest
)
select
    coalesce(json_agg(json_strip_nulls(json_build_object(
        'id', id, 'kind', kind, 'park', nullif(park, ''), 'state', state, 'priority', priority, 'attempt', attempt,
        'crashes', crashes, 'enqueued_at', enqueued_at, 'run_at', run_at, 'started_at', started_at,
        'finished_at', finished_at, 'worker', worker::text, 'last_error', last_error
    )) order by id desc) filter (where n <= $5::int), '[]'::json) as jobs,
    case when count(*) > $5::int then min(id) filter (where n <= $5::int) end as next
from numbered
