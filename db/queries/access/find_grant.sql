-- find_grant :optional
-- What a valid token may be used for; $1 token.
select role, parks, scopes from access.valid_token($1::bigint)
