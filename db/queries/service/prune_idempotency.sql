-- prune_idempotency :exec
-- Deletes idempotency keys that have expired, so many at a time; $1 how many.
delete from service.idempotency
where key in (
    select key from service.idempotency where expires_at <= clock_timestamp()
    order by expires_at limit $1::int for update skip locked
)
