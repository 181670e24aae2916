-- link_request_job :exec
-- Remembers which job answers a request; $1 request, $2 job.
update intake.request set job = $2::bigint where id = $1::uuid
