-- request_record :optional
-- A request and its answer, as far as the role sees it; $1 request.
select record from intake.request_record($1::uuid) as record where record is not null
