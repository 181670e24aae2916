-- list_audit :one
-- The newest entries of the audit log as an array; $1 act and $2 actor or null for any, $3 only below this number or null,
-- $4 how many.
select coalesce(json_agg(json_strip_nulls(json_build_object(
    'number', number, 'at', at, 'actor', actor, 'role', role, 'token', token, 'act', act, 'object', object,
    'request_id', request_id, 'before', encode(before, 'hex'), 'after', encode(after, 'hex'), 'hash', encode(hash, 'hex')
)) order by number desc), '[]'::json) as entries
from (
    select * from access.audit
    where ($1::text is null or act = $1::text) and ($2::text is null or actor = $2::text)
        and ($3::bigint is null or number < $3::bigint)
    order by number desc
    limit $4::int
) newest
