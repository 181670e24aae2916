-- enqueue_jobs :many
-- Puts many jobs into the queue in the caller's transaction, and answers in their order; parameters as
-- queue.enqueue_many.
select id, duplicate
from queue.enqueue_many(
    $1::text[], $2::jsonb[], $3::text[], $4::text[], $5::timestamptz[], $6::smallint[]
)
