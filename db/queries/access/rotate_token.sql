-- rotate_token :optional
-- Replaces token $1, if its holder has a secret, by one of the same life that may do the same, and lets the old one expire in
-- $3 seconds if it would not sooner; what was narrowed from the old one depends on the new one from now on. $2 the new
-- token's bytes.
with old as (
    select * from access.token known where id = $1::bigint and certificate is null and access.is_valid(known) for update
),
fresh as (
    insert into access.token (hash, name, role, parks, scopes, networks, parent, rotated_from, expires_at)
    select
        sha256($2::bytea), name, role, parks, scopes, networks, parent, id,
        least(
            clock_timestamp() + (expires_at - created_at),
            (select expires_at from access.token above where above.id = old.parent)
        )
    from old
    returning id
),
ending as (
    update access.token
    set expires_at = least(token.expires_at, clock_timestamp() + make_interval(secs => $3::float8))
    from old where token.id = old.id
),
adopted as (
    update access.token child set parent = fresh.id from old, fresh where child.parent = old.id
)
select id from fresh
