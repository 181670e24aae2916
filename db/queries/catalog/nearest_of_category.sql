-- nearest_of_category :many
-- Which amenities of a category ($3) with a known location are nearest to a point ($1 and $2, on the plane), at least $5 where
-- there are so many no further north, east, south or west than $4 metres: what nearest_amenities finds where nothing else is
-- asked, from the index alone. Each row tells the version of the listing, and whether there are others of the category, of
-- which only the region is known.
select
    amenity, version, spot <-> point($1::float8, $2::float8) as sort_key,
    exists (select from catalog.listing other where other.category = $3::text and other.spot is null) as has_others
from catalog.listing
where category_number = hashtext($3::text)
    -- Spares the index to sort what is further away; the caller looks at the distance itself.
    and spot <@ box(
        point($1::float8 - $4::float8, $2::float8 - $4::float8), point($1::float8 + $4::float8, $2::float8 + $4::float8)
    )
order by spot <-> point($1::float8, $2::float8)
fetch first ($5::int) rows with ties
