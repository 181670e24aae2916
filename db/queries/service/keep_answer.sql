-- keep_answer :exec
-- Keeps what a write answered under its idempotency key; $1 key, $2 answer.
select service.keep_answer($1::bytea, $2::text::json)
