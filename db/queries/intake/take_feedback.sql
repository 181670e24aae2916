-- take_feedback :optional
-- Keeps what somebody says of an amenity and has a job file it; no row when there is no such amenity. $1 secret, $2 amenity's
-- slug, $3 amenity's id, $4 text, $5 stars, $6 correction, $7 language, $8 nationality, $9 the call's id.
select id
from intake.take_feedback(
    $1::text, $2::text, $3::uuid, $4::text, $5::smallint, $6::jsonb, $7::text, $8::text, $9::text
) as id
where id is not null
