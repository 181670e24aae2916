-- note_refusal :exec
-- Logs that a token was refused, and why; $1 the token's bytes, $2 the caller's address or null.
select access.note_refusal($1::bytea, $2::text)
