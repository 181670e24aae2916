-- cancel_job :one
-- Takes a job that waits out of the queue and keeps it as cancelled, or has the worker of one that runs stop it; $1 job.
-- Null where there is no such job; changed is false where it has ended.
select state, changed from queue.cancel($1::bigint)
