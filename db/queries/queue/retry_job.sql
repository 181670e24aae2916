-- retry_job :one
-- Makes a waiting job due at once, or a dead or cancelled one wait anew with a clean count; $1 job.
-- Null where there is no such job; changed is false where its state, or a key that another job holds by now, forbids it.
select state, changed from queue.retry($1::bigint)
