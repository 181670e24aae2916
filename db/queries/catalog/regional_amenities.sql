-- regional_amenities :many
-- The amenities without a known location by how far their regions are. $1 and $2 regions and how far each is, in metres, $3
-- radius, $4 to $10 as in nearest_amenities.
select
    amenity, facts, named, category, region, latitude, longitude, verified, schedule, near.reach as sort_key
from unnest($1::text[], $2::float8[]) near (region, reach)
join catalog.shown using (region)
where spot is null and near.reach <= $3::float8
    and ($4::text[] is null or category = any ($4::text[]))
    and (cardinality($5::text[]) = 0 or attributes @> $5::text[])
    and ($6::text[] is null or schedule = any ($6::text[]))
    and ($7::int is null or confirmed_at >= now() - make_interval(days => $7::int))
    and ($9::float8 is null or (near.reach, amenity) > ($9::float8, $10::uuid))
order by near.reach, amenity
limit $8::int
