-- take_request :one
-- Keeps what somebody asks for and has a job answer it; $1 secret, $2 text, $3 park, $4 language, $5 nationality, $6 contact,
-- $7 categories, $8 attributes, $9 the call's id.
select intake.take_request(
    $1::text, $2::text, $3::text, $4::text, $5::text, $6::text, $7::text[], $8::text[], $9::text
) as id
