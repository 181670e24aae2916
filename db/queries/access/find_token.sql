-- find_token :optional
-- Who a token belongs to, if it is valid now, and for how many seconds more; $1 the token's bytes.
select id, name, role, parks, scopes, expires_at, seconds_left from access.find_token($1::bytea)
