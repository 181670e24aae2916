-- revoke_token :exec
-- Ends a token now; $1 id.
update access.token set revoked_at = clock_timestamp() where id = $1::bigint and revoked_at is null
