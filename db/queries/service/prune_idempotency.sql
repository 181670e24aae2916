-- prune_idempotency :one
-- Deletes idempotency keys that have expired, so many at a time; $1 how many.
select service.prune_idempotency($1::int) as pruned
