-- find_key :optional
-- What was answered under an idempotency key, and whether to the same call; $1 key, $2 method, $3 params.
select is_same_call, answer from service.find_key($1::bytea, $2::text, $3::bytea)
