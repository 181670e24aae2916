-- assume_token :exec
-- Has the rest of the transaction act for the holder of a token; $1 token or null for nobody in particular, $2 the call's
-- id.
select access.assume($1::bigint, $2::text)
