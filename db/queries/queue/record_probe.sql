-- record_probe :exec
-- The visible effect of a probe job; $1 job, $2 attempt, $3 worker.
insert into queue.probe_effect (job, attempt, worker) values ($1::bigint, $2::int, $3::text)
