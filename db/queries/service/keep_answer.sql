-- keep_answer :exec
-- Keeps what a write answered under its idempotency key; $1 key, $2 answer.
update service.idempotency set answer = $2::text::json where key = $1::bytea
