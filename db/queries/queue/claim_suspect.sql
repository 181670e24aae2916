-- claim_suspect :optional
-- Claims one job whose process vanished before, for a worker that runs nothing else meanwhile; $1 kinds, $2
-- worker, $3 time until a job counts as hung, $4 the most crashes.
with picked as materialized (
    select id from queue.live
    where lease is null and crashes between 1 and $4::int and kind = any ($1::text[]) and run_at <= clock_timestamp()
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
