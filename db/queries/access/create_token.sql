-- create_token :one
-- Keeps a new token by its hash; $1 the token's bytes, $2 name, $3 role, $4 parks, $5 days until it expires or null.
insert into access.token (hash, name, role, parks, expires_at)
values (
    sha256($1::bytea), $2::text, $3::text, $4::text[], clock_timestamp() + make_interval(days => $5::int)
)
returning id
