-- listed_amenities :many
-- The listings of amenities by id ($1) or slug ($2), for a reader of the languages $3.
select shown.*, 0::float8 as sort_key, '' as sort_name, null::float8 as reach, 0 as closeness
from catalog.amenity
join catalog.listing on listing.amenity = amenity.id
cross join lateral catalog.shown(listing, $3::text[]) shown
where amenity.id = any ($1::uuid[]) or amenity.slug = any ($2::text[])
