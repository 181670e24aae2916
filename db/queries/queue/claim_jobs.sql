-- claim_jobs :many
-- Claims due jobs under one new fencing token; $1 worker, $2 kinds, $3 the seconds until a job of each counts as hung, $4
-- how many, $5 the park after which to begin, $6 whether a job whose process vanished may come, alone, $7 and how often
-- that may have been; $8 to $10 the kinds, parks and ranks to look at only, or empty; $11 the leases of which nothing is
-- left to do. See queue.claim. Park by park, beginning after $5, as the next claim goes on after the last.
select
    id, kind, nullif(park, '') as park, payload, attempt, crashes, lease, generation, rank, run_at, started_at,
    origin
from queue.claim(
    $1::bigint, $2::text[], $3::float8[], $4::int, $5::text, $6::bool, $7::int,
    nullif($8::text[], '{}'), nullif($9::text[], '{}'), nullif($10::timestamptz[], '{}'), $11::bigint[]
) as claimed
order by claimed.park <= $5::text, claimed.park, rank, id
