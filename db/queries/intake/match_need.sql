-- match_need :one
-- The amenities that answer a need near a park, best first, and where none does the nearest that would.
-- $1 park, $2 categories, $3 attributes, $4 language of the reasons' names.
with need as (
    select $2::text[] as categories, $3::text[] as attributes
),
candidate as (
    select
        amenity.id,
        reach.metres,
        missing.codes as missing
    from need
    cross join catalog.amenity
    join catalog.amenity_reach reach on reach.park = $1::text and reach.amenity = amenity.id
    cross join lateral (
        select array(
            select code from unnest(need.attributes) code where code <> all (amenity.attributes) order by code
        ) as codes
    ) missing
    where amenity.status = 'active' and exists (
        select from unnest(need.categories) asked
        where amenity.category = asked or starts_with(amenity.category, asked || '.')
    )
),
scored as (
    select
        id, metres, missing,
        -- Half for being the right kind of place, the rest for each wish that is known to be met.
        round((
            0.5 + 0.5 * case when cardinality($3::text[]) = 0 then 1
                else 1 - cardinality(missing)::numeric / cardinality($3::text[]) end
        ), 3) as score
    from candidate
),
shown as (
    select
        scored.*,
        json_build_object(
            'amenity', scored.id,
            'name', catalog.display_name(scored.id, $4::text),
            'score', scored.score,
            'area', catalog.region_name(amenity.region, $4::text),
            'reasons', array(
                select catalog.label(amenity.category, $4::text)
                union all
                select catalog.label(code, $4::text) from unnest($3::text[]) code where code <> all (scored.missing)
                union all
                select catalog.label(code, $4::text) || ': not known' from unnest(scored.missing) code
            )
        ) as item
    from scored join catalog.amenity using (id)
)
select
    (
        select coalesce(json_agg(item order by score desc, metres, id), '[]'::json)
        from (
            select * from shown where metres <= catalog.reach_metres() order by score desc, metres, id limit 5
        ) best
    ) as matches,
    exists (select from scored where metres <= catalog.reach_metres() and missing = '{}') as is_answered,
    (
        select item from shown
        where missing = '{}' and metres > catalog.reach_metres()
        order by metres, id limit 1
    ) as nearest_alternative
