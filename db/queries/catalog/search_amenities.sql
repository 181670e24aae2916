-- search_amenities :one
-- Amenities near a park or a point, nearest first, as the items of one page. A place without a known location is found
-- through its region, in the order of that region's distance, and shows no distance of its own.
-- $1 park, $2 latitude, $3 longitude, $4 radius in metres, $5 categories, $6 attributes, $7 words of the name,
-- $8 language, $9 limit, $10 and $11 the last reach and id of the page before, $12 the schedules (makeup and expression)
-- that are open at the wanted time, null for any.
with origin as materialized (
    select
        park.id as park,
        coalesce(st_setsrid(st_makepoint($3::float8, $2::float8), 4326)::geography, park.location, home.seat) as point
    from (select) nothing
    left join catalog.park on park.id = $1::text
    left join catalog.region_point home on home.adcode = park.region
),
wanted as materialized (
    select code from catalog.term
    where kind = 'category' and (
        cardinality($5::text[]) = 0
        or exists (select from unnest($5::text[]) asked where code = asked or starts_with(code, asked || '.'))
    )
),
reach as materialized (
    select region, metres from catalog.park_reach where park = $1::text and $2::float8 is null
    union all
    select adcode, seat <-> (select point from origin) from catalog.region_point where $2::float8 is not null
),
located as (
    select amenity.id, amenity.location <-> (select point from origin) as reach
    from catalog.amenity
    where amenity.location is not null
        and st_dwithin(amenity.location, (select point from origin), coalesce($4::float8, catalog.reach_metres()))
        and amenity.status <> 'closed'
        and amenity.category in (select code from wanted)
        and amenity.attributes @> $6::text[]
        and ($12::text[] is null or exists (
            select from catalog.opening_hours hours
            where hours.amenity = amenity.id and hours.makeup || ' ' || hours.expression = any ($12::text[])
        ))
        and ($7::text is null or exists (
            select from catalog.amenity_name known
            where known.amenity = amenity.id and strpos(lower(known.name), lower($7::text)) > 0
        ))
        and (
            $10::float8 is null
            or (amenity.location <-> (select point from origin), amenity.id) > ($10::float8, $11::uuid)
        )
    order by amenity.location <-> (select point from origin), amenity.id
    limit $9::int + 1
),
by_region as (
    select amenity.id, reach.metres as reach
    from reach join catalog.amenity on amenity.region = reach.region
    where amenity.location is null
        and reach.metres <= coalesce($4::float8, catalog.reach_metres())
        and amenity.status <> 'closed'
        and amenity.category in (select code from wanted)
        and amenity.attributes @> $6::text[]
        and ($12::text[] is null or exists (
            select from catalog.opening_hours hours
            where hours.amenity = amenity.id and hours.makeup || ' ' || hours.expression = any ($12::text[])
        ))
        and ($7::text is null or exists (
            select from catalog.amenity_name known
            where known.amenity = amenity.id and strpos(lower(known.name), lower($7::text)) > 0
        ))
        and ($10::float8 is null or (reach.metres, amenity.id) > ($10::float8, $11::uuid))
    order by reach.metres, amenity.id
    limit $9::int + 1
),
found as (
    select id, reach, row_number() over (order by reach, id) as position
    from (select * from located union all select * from by_region) either
    order by reach, id
    limit $9::int + 1
)
select
    -- The members that are computed (open, match) are added to each item outside.
    (select coalesce(array_agg(json_strip_nulls(json_build_object(
        'id', amenity.id,
        'slug', amenity.slug,
        'name', catalog.display_name(amenity.id, $8::text),
        'name_local', catalog.local_name(amenity.id),
        'category', amenity.category,
        'category_label', catalog.label(amenity.category, $8::text),
        'location', case when amenity.location is not null then json_build_object(
            'lat', st_y(amenity.location::geometry), 'lon', st_x(amenity.location::geometry),
            'datum', 'wgs84', 'precision', amenity.precision
        ) end,
        'area', json_build_object('region', amenity.region, 'name', catalog.region_name(amenity.region, $8::text)),
        'distance_m', case when amenity.location is not null then round(found.reach) end,
        'languages', array(
            select distinct offer.lang from catalog.language_offer offer where offer.amenity = amenity.id order by 1
        ),
        'attributes', amenity.attributes,
        'phone', amenity.phone,
        'verified', (select verified from catalog.verified where verified.amenity = amenity.id),
        'park', (select park from origin)
    ))::text order by found.position), '{}')
    from found join catalog.amenity using (id) where found.position <= $9::int) as items,
    coalesce((select array_agg(id order by position) from found where position <= $9::int), '{}') as ids,
    coalesce((
        select array_agg(coalesce(hours.makeup || ' ' || hours.expression, '') order by found.position)
        from found left join catalog.opening_hours hours on hours.amenity = found.id
        where found.position <= $9::int
    ), '{}') as schedules,
    (select count(*) > $9::int from found) as has_more,
    (select reach from found where position = $9::int) as last_reach,
    (select id from found where position = $9::int) as last_id,
    (select park is not null from origin) as knows_park,
    coalesce(array(
        select asked.code
        from (
            select code, 'category' as kind from unnest($5::text[]) code
            union all select code, 'attribute' from unnest($6::text[]) code
        ) asked
        where not exists (select from catalog.term where term.code = asked.code and term.kind = asked.kind)
    ), '{}') as unknown_codes
