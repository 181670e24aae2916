-- heartbeat :exec
-- Says that the process is alive; no row means that it was taken for dead and must register anew. $1 worker.
update queue.worker set seen_at = clock_timestamp() where id = $1::bigint
