-- revoke_token :exec
-- Ends a token now, and all that were narrowed from it; $1 id.
with recursive ended as (
    select id from access.token where id = $1::bigint and revoked_at is null
    union
    select child.id from access.token child join ended on child.parent = ended.id
)
update access.token set revoked_at = clock_timestamp()
where id in (select id from ended) and revoked_at is null
