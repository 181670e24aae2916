-- nearest_of_category :many
-- The amenities of a category ($3) with a known location nearest to a point ($1 and $2, on the plane), at least $4 where
-- there are so many: what nearest_amenities finds where nothing else is asked, at half its price. Each row tells whether there
-- are others of the category, of which only the region is known.
select
    amenity, facts, named, category, region, latitude, longitude, verified, schedule,
    spot <-> point($1::float8, $2::float8) as sort_key,
    exists (select from catalog.listing other where other.category = $3::text and other.spot is null) as has_others
from catalog.shown
where hashtext(category) = hashtext($3::text) and spot is not null
order by spot <-> point($1::float8, $2::float8)
fetch first ($4::int) rows with ties
