-- find_key :optional
-- What was answered under an idempotency key, and whether to the same call; $1 key, $2 method, $3 params.
select method = $2::text and params = $3::bytea as is_same_call, answer
from service.idempotency
where key = $1::bytea and answer is not null
