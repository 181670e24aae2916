-- create_token :one
-- Keeps a new token by its hash; $1 the token's bytes, $2 name, $3 role, $4 parks, $5 scopes or null for all of the role's,
-- $6 seconds until it expires or null.
insert into access.token (hash, name, role, parks, scopes, expires_at)
values (
    sha256($1::bytea), $2::text, $3::text, $4::text[], $5::text[], clock_timestamp() + make_interval(secs => $6::float8)
)
returning id
