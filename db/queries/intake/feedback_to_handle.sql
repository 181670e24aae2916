-- feedback_to_handle :optional
-- What a worker needs to know of a feedback; $1 feedback.
select correction ->> 'field' as field, text from intake.feedback where id = $1::uuid
