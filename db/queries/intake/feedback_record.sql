-- feedback_record :optional
-- A feedback and what became of it, as far as the role sees it; $1 feedback.
select record from intake.feedback_record($1::uuid) as record where record is not null
