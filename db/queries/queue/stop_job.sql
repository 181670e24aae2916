-- stop_job :one
-- Ends a job as cancelled whose handler has stopped; false when the lease was lost meanwhile. $1 job, $2 lease.
select queue.stop($1::bigint, $2::bigint) as is_stopped
