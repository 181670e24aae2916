-- find_grant :optional
-- What a valid token may be used for, and from where; $1 token.
select role, parks, scopes, networks::text[] as networks from access.valid_token($1::bigint)
