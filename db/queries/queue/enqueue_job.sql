-- enqueue_job :one
-- Puts a job into the queue in the caller's transaction; parameters as queue.enqueue.
select id, duplicate
from queue.enqueue(
    $1::text, $2::jsonb, $3::text, $4::text, $5::timestamptz, coalesce($6::smallint, 100::smallint),
    coalesce($7::interval, interval '24 hours'), $8::bool, $9::text
)
