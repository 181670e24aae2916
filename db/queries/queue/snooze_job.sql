-- snooze_job :one
-- Puts a claimed job off without a charge; false when the lease was lost meanwhile. $1 job, $2 lease, $3 for how long.
select queue.snooze($1::bigint, $2::bigint, $3::interval) as is_snoozed
