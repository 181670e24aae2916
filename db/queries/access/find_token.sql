-- find_token :optional
-- Who a token belongs to, if it is valid now; $1 the token's bytes.
select name, role, parks, expires_at
from access.token
where hash = sha256($1::bytea) and revoked_at is null and (expires_at is null or expires_at > clock_timestamp())
