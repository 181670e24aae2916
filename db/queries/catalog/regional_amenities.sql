-- regional_amenities :many
-- The amenities without a known location by how far their regions are. $1 and $2 regions and how far each is, in metres, $3
-- radius, $4 to $10 as in nearest_amenities.
select
    amenity, facts, named, category, region, latitude, longitude, verified, schedule, near.reach as sort_key
from unnest($1::text[], $2::float8[]) near (region, reach)
join catalog.shown using (region)
where spot is null and near.reach <= $3::float8
    and ($4::text[] is null or category = any ($4::text[]))
    and catalog.is_wanted(
        attributes, schedule, confirmed_at, near.reach, amenity,
        $5::text[], $6::text[], $7::int, $9::float8, $10::uuid
    )
order by near.reach, amenity
limit $8::int
