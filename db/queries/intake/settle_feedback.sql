-- settle_feedback :exec
-- Files a feedback under its kind and status, and puts a correction before the park's staff; $1 feedback, $2 kind,
-- $3 status.
with settled as (
    update intake.feedback set kind = $2::text, status = $3::text where id = $1::uuid
    returning id, amenity, park, correction
),
review as (
    insert into intake.review (queue, park, amenity, feedback, field, current_value, proposed_value)
    select
        'correction', settled.park, settled.amenity, settled.id, settled.correction ->> 'field',
        case settled.correction ->> 'field'
            when 'phone' then amenity.phone when 'website' then amenity.website
            when 'address' then amenity.address_zh
        end,
        settled.correction ->> 'value'
    from settled join catalog.amenity on amenity.id = settled.amenity
    where settled.correction is not null
)
insert into intake.event (feedback, status) select id, $3::text from settled
