-- list_tokens :one
-- Every token without its secret, newest first.
select coalesce(json_agg(json_strip_nulls(json_build_object(
    'id', id, 'name', name, 'role', role, 'parks', parks, 'scopes', scopes, 'networks', networks,
    'certificate', certificate, 'narrowed_from', parent, 'rotated_from', rotated_from, 'created_at', created_at,
    'expires_at', expires_at, 'revoked_at', revoked_at
)) order by id desc), '[]'::json) as tokens
from access.token
