-- note_refusal :exec
-- Logs that a token was refused, and why; $1 the token's bytes.
select access.note_refusal($1::bytea)
