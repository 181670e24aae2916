-- find_token :optional
-- Who a secret or a client certificate belongs to, if it is valid now, and for how many seconds more; $1 the token's bytes
-- or null, $2 the certificate's names or null.
select id, name, role, parks, scopes, networks, expires_at, seconds_left from access.find_token($1::bytea, $2::text[])
