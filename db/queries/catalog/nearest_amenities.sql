-- nearest_amenities :many
-- The amenities nearest to a point, in the order of an index: how people browse. A place without a known location is as far
-- as its region. $1 and $2 the point on the plane, $3 radius in metres, $4 categories with those below them (null for all),
-- $5 attributes, $6 schedules that are open at the wanted time, $7 confirmed within days, $8 rows, $9 and $10 the last
-- distance and id of the page before, $11 and $12 regions and how far they are, $13 the reader's languages.
--
-- Distance alone is an order that the index has; ids decide between ties afterwards, so all of a tie are taken. The radius
-- is looked at when the nearest are there: as a condition of the index it would have all within it sorted. What may be
-- asked besides stands in one CASE, which the planner takes for half of the rows, where four conditions would be few.
with by_category as (
    select found.*
    from unnest($4::text[]) wanted (code)
    cross join lateral (
        select listing as one, listing.spot <-> point($1::float8, $2::float8) as reach
        from catalog.listing
        where listing.category = wanted.code and listing.spot is not null
            and case
                when cardinality($5::text[]) > 0 and not listing.attributes @> $5::text[] then false
                when $6::text[] is not null and (listing.schedule = any ($6::text[])) is not true then false
                when $7::int is not null and (listing.confirmed_at >= now() - make_interval(days => $7::int)) is not true
                    then false
                when $9::float8 is not null then
                    (listing.spot <-> point($1::float8, $2::float8), listing.amenity) > ($9::float8, $10::uuid)
                else true
            end
        order by listing.spot <-> point($1::float8, $2::float8)
        fetch first ($8::int) rows with ties
    ) found
),
of_all_categories as (
    select listing as one, listing.spot <-> point($1::float8, $2::float8) as reach
    from catalog.listing
    where $4::text[] is null and listing.spot is not null
        and case
            when cardinality($5::text[]) > 0 and not listing.attributes @> $5::text[] then false
            when $6::text[] is not null and (listing.schedule = any ($6::text[])) is not true then false
            when $7::int is not null and (listing.confirmed_at >= now() - make_interval(days => $7::int)) is not true
                then false
            when $9::float8 is not null then
                (listing.spot <-> point($1::float8, $2::float8), listing.amenity) > ($9::float8, $10::uuid)
            else true
        end
    order by listing.spot <-> point($1::float8, $2::float8)
    fetch first ($8::int) rows with ties
),
of_regions as (
    select listing as one, near.reach
    from unnest($11::text[], $12::float8[]) near (region, reach)
    join catalog.listing on listing.region = near.region and listing.spot is null
    where near.reach <= $3::float8
        and ($4::text[] is null or listing.category = any ($4::text[]))
        and (cardinality($5::text[]) = 0 or listing.attributes @> $5::text[])
        and ($6::text[] is null or listing.schedule = any ($6::text[]))
        and ($7::int is null or listing.confirmed_at >= now() - make_interval(days => $7::int))
        and ($9::float8 is null or (near.reach, listing.amenity) > ($9::float8, $10::uuid))
    order by near.reach, listing.amenity
    limit $8::int
),
found as (
    select * from by_category where reach <= $3::float8
    union all select * from of_all_categories where reach <= $3::float8
    union all select * from of_regions
)
select shown.*, found.reach as sort_key, '' as sort_name, found.reach, 0 as closeness
from found cross join lateral catalog.shown(found.one, $13::text[]) shown
order by found.reach, shown.amenity
limit $8::int
