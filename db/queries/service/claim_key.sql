-- claim_key :one
-- Takes an idempotency key unless it is taken, after the end of any transaction that holds it; $1 key, $2 method, $3 params.
select service.claim_key($1::bytea, $2::text, $3::bytea) as is_first
