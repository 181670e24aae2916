-- create_token :one
-- Keeps a new token by its hash; $1 the token's bytes, $2 name, $3 role, $4 parks, $5 scopes or null for all of the role's,
-- $6 networks or null for all, $7 the name in its holder's certificate or null, $8 seconds until it expires or null.
insert into access.token (hash, name, role, parks, scopes, networks, certificate, expires_at)
values (
    sha256($1::bytea), $2::text, $3::text, $4::text[], $5::text[], $6::text[]::cidr[], $7::text,
    clock_timestamp() + make_interval(secs => $8::float8)
)
returning id
