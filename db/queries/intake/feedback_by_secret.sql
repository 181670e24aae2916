-- feedback_by_secret :optional
-- A feedback and what became of it for whoever holds its secret; $1 feedback, $2 secret.
select record from intake.feedback_by_secret($1::uuid, $2::text) as record where record is not null
