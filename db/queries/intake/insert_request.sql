-- insert_request :one
-- Keeps what somebody asks for, with the first entry of its timeline; $1 secret, $2 text, $3 park, $4 language,
-- $5 nationality, $6 contact, $7 categories, $8 attributes.
with kept as (
    insert into intake.request (secret_hash, text, park, lang, nationality, contact, categories, attributes)
    values (
        sha256(convert_to($1::text, 'UTF8')), $2::text, $3::text, $4::text, $5::text, $6::text, $7::text[], $8::text[]
    )
    returning id
),
noted as (
    insert into intake.event (request, status) select id, 'received' from kept
)
select id from kept
