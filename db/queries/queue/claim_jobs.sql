-- claim_jobs :many
-- Claims due jobs under one new fencing token; $1 kinds, $2 how many, $3 worker, $4 time until a job counts as hung.
-- The materialised CTE keeps the planner from running the locking select twice.
with token as materialized (
    select nextval('queue.lease_token') as lease
),
picked as materialized (
    select id from queue.live
    where lease is null and crashes = 0 and kind = any ($1::text[]) and run_at <= clock_timestamp()
    order by priority, run_at, id
    limit $2::int
    for update skip locked
)
update queue.live
set lease = token.lease, worker = $3::bigint, started_at = clock_timestamp(),
    deadline = clock_timestamp() + $4::interval
from picked, token
where live.id = picked.id
returning live.id, live.kind, live.park, live.payload, live.attempt, live.crashes, live.lease
