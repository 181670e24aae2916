-- link_feedback_job :exec
-- Remembers which job handles a feedback; $1 feedback, $2 job.
update intake.feedback set job = $2::bigint where id = $1::uuid
