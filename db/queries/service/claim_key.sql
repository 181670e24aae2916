-- claim_key :one
-- Takes an idempotency key unless it is taken, after the end of any transaction that holds it; $1 key, $2 method, $3 params.
with claimed as (
    insert into service.idempotency as kept (key, method, params, expires_at)
    values ($1::bytea, $2::text, $3::bytea, clock_timestamp() + interval '24 hours')
    on conflict (key) do update
    set method = excluded.method, params = excluded.params, answer = null, expires_at = excluded.expires_at
    where kept.expires_at <= clock_timestamp()
    returning key
)
select exists (select from claimed) as is_first
