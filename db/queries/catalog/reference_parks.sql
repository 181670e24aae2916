-- reference_parks :many
-- The parks, each with where it is, its language and name side by side.
select
    park.id, park.region, st_y(park.location::geometry) as latitude, st_x(park.location::geometry) as longitude,
    array(select lang from catalog.park_name where park_name.park = park.id order by lang) as languages,
    array(select name from catalog.park_name where park_name.park = park.id order by lang) as names
from catalog.park
order by park.year nulls last, park.id
