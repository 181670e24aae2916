-- owned_objects :one
-- Which requests and feedback have these secrets, as 0-based places of those that have; $1 ids, $2 secrets.
select service.owned_objects($1::uuid[], $2::text[]) as places
