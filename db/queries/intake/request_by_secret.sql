-- request_by_secret :optional
-- A request and its answer for whoever holds its secret; $1 request, $2 secret.
select record from intake.request_by_secret($1::uuid, $2::text) as record where record is not null
