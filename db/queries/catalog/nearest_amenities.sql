-- nearest_amenities :many
-- The amenities with a known location nearest to a point, in the order of an index: how people browse. $1 and $2 the point
-- on the plane, $3 radius in metres, $4 categories with those below them (null for all), $5 attributes, $6 schedules that
-- are open at the wanted time, $7 confirmed within days, $8 rows, $9 and $10 the last distance and id of the page before.
--
-- Distance alone is an order that the index has; ids decide between ties afterwards, so all of a tie are taken. The radius
-- is looked at when the nearest are there: as a condition of the index it would have all within it sorted.
select *
from (
    select found.*
    from unnest($4::text[]) wanted (code)
    cross join lateral (
        select
            amenity, facts, named, category, region, latitude, longitude, verified, schedule,
            spot <-> point($1::float8, $2::float8) as sort_key
        from catalog.shown
        where category_number = hashtext(wanted.code) and spot is not null
            and catalog.is_wanted(
                attributes, schedule, confirmed_at, spot <-> point($1::float8, $2::float8), amenity,
                $5::text[], $6::text[], $7::int, $9::float8, $10::uuid
            )
        order by spot <-> point($1::float8, $2::float8)
        fetch first ($8::int) rows with ties
    ) found
    union all
    (
        select
            amenity, facts, named, category, region, latitude, longitude, verified, schedule,
            spot <-> point($1::float8, $2::float8)
        from catalog.shown
        where $4::text[] is null and spot is not null
            and catalog.is_wanted(
                attributes, schedule, confirmed_at, spot <-> point($1::float8, $2::float8), amenity,
                $5::text[], $6::text[], $7::int, $9::float8, $10::uuid
            )
        order by spot <-> point($1::float8, $2::float8)
        fetch first ($8::int) rows with ties
    )
) found
where sort_key <= $3::float8
order by sort_key, amenity
limit $8::int
