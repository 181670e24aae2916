-- retire_worker :exec
-- Signs a process off that has ended all its jobs; $1 worker.
delete from queue.worker where id = $1::bigint
