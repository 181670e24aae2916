-- insert_feedback :optional
-- Keeps what somebody says of an amenity; no row when there is no such amenity. $1 secret, $2 amenity's slug,
-- $3 text, $4 stars, $5 correction, $6 language, $7 nationality, $8 amenity's id.
with kept as (
    insert into intake.feedback (secret_hash, amenity, text, stars, correction, lang, nationality)
    select
        sha256(convert_to($1::text, 'UTF8')), amenity.id, $3::text, $4::smallint, $5::jsonb, $6::text, $7::text
    from catalog.amenity
    where amenity.slug = $2::text or amenity.id = $8::uuid
    returning id
),
noted as (
    insert into intake.event (feedback, status) select id, 'received' from kept
)
select id from kept
