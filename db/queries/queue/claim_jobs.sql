-- claim_jobs :many
-- Claims due jobs under one new fencing token; $1 kinds, $2 how many, $3 worker, $4 time until a job counts as hung.
-- The materialised CTEs keep the planner from running the locking select twice. A scan a kind, since `kind = any (...)`
-- can't be read in order: for four of 100,000 due jobs it read and sorted them all (1,900 pages and 23 ms; now the whole
-- claim touches 80 pages and takes 0.5 ms).
with gate as materialized (
    -- Never a row, but a lock: see queue.gate.
    select from queue.gate for share
),
open as materialized (
    select kind from unnest($1::text[]) as kind
    where not exists (select from gate)
        and not exists (select from queue.pause where pause.scope = 'kind' and pause.name = kind)
),
token as materialized (
    select nextval('queue.lease_token') as lease
),
picked as materialized (
    select head.id
    from open cross join lateral (
        select id, priority, run_at from queue.live
        where lease is null and crashes = 0 and not held and kind = open.kind and run_at <= clock_timestamp()
            and (park is null or park <> all (array(select name from queue.pause where scope = 'park')))
        order by priority, run_at, id
        limit $2::int
        for update skip locked
    ) as head
    order by head.priority, head.run_at, head.id
    limit $2::int
)
update queue.live
set lease = token.lease, worker = $3::bigint, started_at = clock_timestamp(),
    deadline = clock_timestamp() + $4::interval
from picked, token
where live.id = picked.id
returning live.id, live.kind, live.park, live.payload, live.attempt, live.crashes, live.lease
