-- list_parks :one
-- Every park with its names, where it is and what is within its reach; $1 country, $2 the reader's language.
select coalesce(json_agg(json_strip_nulls(json_build_object(
    'id', park.id,
    'name', shown.name,
    'names', (
        select json_object_agg(known.lang, json_build_object('text', known.name, 'origin', known.origin))
        from catalog.park_name known where known.park = park.id
    ),
    'country', park.partner_countries[1],
    'countries', to_json(park.partner_countries),
    'county', json_build_object('code', park.region, 'name', catalog.region_name(park.region, $2::text)),
    'zone', park.zone_zh,
    'level', park.level,
    'year', park.year,
    'location', case when park.location is not null then json_build_object(
        'lat', st_y(park.location::geometry), 'lon', st_x(park.location::geometry),
        'datum', 'wgs84', 'precision', park.precision
    ) end,
    'counts', coalesce((
        select json_object_agg(root, n)
        from (
            select term.root, count(*) as n
            from catalog.amenity
            join catalog.term on term.code = amenity.category
            join catalog.amenity_reach reach on reach.park = park.id and reach.amenity = amenity.id
            where amenity.status <> 'closed' and reach.metres <= catalog.reach_metres()
            group by term.root
        ) counted
    ), '{}'::json),
    'source', park.source,
    'confidence', park.confidence
)) order by park.region, park.id), '[]'::json) as items
from catalog.park
cross join lateral (
    select json_build_object('text', known.name, 'lang', known.lang, 'origin', known.origin) as name
    from catalog.park_name known where known.park = park.id
    order by coalesce(array_position(catalog.reading_order($2::text), known.lang), 9) limit 1
) shown
where ($1::text is null or $1::text = any (park.partner_countries)) and ($3::text is null or park.id = $3::text)
