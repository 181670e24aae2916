-- fail_job :one
-- Records that a handler said no: the job waits for $4 and runs again, or is dead after $5 attempts. Null when the
-- lease was lost meanwhile. $1 job, $2 lease, $3 what went wrong, $4 delay, $5 the most attempts.
select queue.fail($1::bigint, $2::bigint, $3::text, $4::interval, $5::int) as state
