-- listed_amenities :many
-- The listings of amenities by id ($1) or slug ($2), with what stands out in them.
select
    shown.amenity, facts, named, shown.category, shown.region, latitude, longitude, verified, schedule,
    shown.slug, amenity.phone, shown.attributes
from catalog.amenity
join catalog.shown on shown.amenity = amenity.id
where amenity.id = any ($1::uuid[]) or amenity.slug = any ($2::text[])
