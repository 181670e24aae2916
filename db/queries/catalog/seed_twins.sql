-- seed_twins :many
-- The staged places with a position beside the known positions of what seems to be the same place: its own so far, or one
-- of another place of the same name and kind within 3 km. In WGS-84; before the staged rows are written.
with staged as (
    select cell.*
    from
        pg_temp.seed_row staged,
        jsonb_to_record(staged.fields) as cell (
            slug text, category text, lat double precision, lon double precision, datum text,
            wgs84_lat double precision, wgs84_lon double precision
        )
    where staged.file = 'amenities' and cell.lat is not null
),
named as (
    select cell.amenity, cell.lang, cell.name
    from pg_temp.seed_row staged, jsonb_to_record(staged.fields) as cell (amenity text, lang text, name text)
    where staged.file = 'amenity_names'
)
select staged.slug, staged.lat, staged.lon, staged.datum, twin.slug,
    st_y(twin.location::geometry), st_x(twin.location::geometry)
from staged
join catalog.amenity twin on twin.location is not null
    and (
        twin.slug = staged.slug
        or twin.category = staged.category and exists (
            select from named
            join catalog.amenity_name known on known.amenity = twin.id and known.lang = named.lang
                and known.name = named.name
            where named.amenity = staged.slug
        )
    )
    and st_dwithin(
        twin.location, st_setsrid(st_makepoint(staged.wgs84_lon, staged.wgs84_lat), 4326)::geography, 3000
    )
order by staged.slug, twin.slug
