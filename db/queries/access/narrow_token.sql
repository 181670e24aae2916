-- narrow_token :optional
-- Keeps a token that may do a part of what token $1 may; the table refuses one that may do more. $2 the new token's bytes,
-- $3 name, $4 parks, $5 scopes, $6 networks, each null for the same, $7 seconds until it expires, or null for with token
-- $1. Who holds it has a secret, whatever the other's holder has.
insert into access.token (hash, name, role, parks, scopes, networks, parent, expires_at)
select
    sha256($2::bytea), coalesce($3::text, name), role, coalesce($4::text[], parks), coalesce($5::text[], scopes),
    coalesce($6::text[]::cidr[], networks), id,
    least(expires_at, clock_timestamp() + make_interval(secs => $7::float8))
from access.valid_token($1::bigint)
returning id
