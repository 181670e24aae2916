-- claim_suspect :optional
-- Claims one job whose process vanished before, for a worker that runs nothing else meanwhile; $1 kinds, $2
-- worker, $3 time until a job counts as hung, $4 the most crashes.
with gate as materialized (
    -- Never a row, but a lock: see queue.gate.
    select from queue.gate for share
),
picked as materialized (
    select id from queue.live
    where lease is null and crashes > 0 and crashes <= $4::int and not held
        and kind = any ($1::text[]) and run_at <= clock_timestamp()
        and not exists (select from gate)
        and kind <> all (array(select name from queue.pause where scope = 'kind'))
        and (park is null or park <> all (array(select name from queue.pause where scope = 'park')))
    order by priority, run_at, id
    limit 1
    for update skip locked
)
update queue.live
set lease = nextval('queue.lease_token'), worker = $2::bigint, started_at = clock_timestamp(),
    deadline = clock_timestamp() + $3::interval
from picked
where live.id = picked.id
returning live.id, live.kind, live.park, live.payload, live.attempt, live.crashes, live.lease
