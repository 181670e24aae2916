-- count_gaps :one
-- Residents against matching supply for each park, nationality and root category: what is missing, where, for whom.
-- A place matches a nationality when one of its terms, or the place's own category, belongs to that culture.
-- $1 park, $2 nationality, $3 categories, $4 language.
with pair as (
    select park.id as park, country as nationality
    from catalog.park cross join unnest(park.partner_countries) country
    union
    select park, nationality from gaps.residents
),
cell as (
    select pair.park, pair.nationality, term.code as category
    from pair cross join catalog.term
    where term.kind = 'category' and term.parent is null
        and ($1::text is null or pair.park = $1::text)
        and ($2::text is null or pair.nationality = $2::text)
        and (cardinality($3::text[]) = 0 or term.code = any ($3::text[]))
        -- Where a culture asks for nothing in particular it has no gap of its own; school, doctor and lawyer it always
        -- wants in its language.
        and exists (
            select from catalog.nationality_term culture
            where culture.nationality = pair.nationality
                and (culture.term like term.code || '.%' or term.code in ('edu', 'health', 'pro'))
        )
),
offer as (
    select cell.park, cell.nationality, cell.category, amenity.id, reach.metres
    from cell
    join catalog.amenity on starts_with(amenity.category, cell.category || '.') and amenity.status = 'active'
    join catalog.amenity_reach reach on reach.park = cell.park and reach.amenity = amenity.id
    where exists (
        select from catalog.nationality_term culture
        where culture.nationality = cell.nationality
            and (culture.term = amenity.category or culture.term = any (amenity.attributes))
    )
),
counted as (
    select
        cell.*,
        residents.value as residents,
        residents.source as residents_source,
        residents.basis,
        (
            select count(*) from offer
            where (offer.park, offer.nationality, offer.category) = (cell.park, cell.nationality, cell.category)
                and offer.metres <= catalog.reach_metres()
        ) as supply,
        coalesce((
            select requests from gaps.unmet
            where (unmet.park, unmet.nationality, unmet.category) = (cell.park, cell.nationality, cell.category)
        ), 0) as unmet_requests,
        gaps.satisfaction(array(
            select offer.id from offer
            where (offer.park, offer.nationality, offer.category) = (cell.park, cell.nationality, cell.category)
                and offer.metres <= catalog.reach_metres()
        ), cell.nationality) as satisfaction,
        nearest.id as nearest,
        nearest.metres as nearest_metres
    from cell
    left join gaps.residents on residents.park = cell.park and residents.nationality = cell.nationality
    left join lateral (
        select offer.id, offer.metres from offer
        where (offer.park, offer.nationality, offer.category) = (cell.park, cell.nationality, cell.category)
        order by offer.metres, offer.id limit 1
    ) nearest on true
),
judged as (
    select
        counted.*,
        case when supply = 0 then 1.0 else 0.0 end as gap,
        20.0 + unmet_requests as n,
        (case when supply = 0 then 20.0 else 0.0 end + unmet_requests) / (20.0 + unmet_requests) as p
    from counted
),
ranked as (
    select
        judged.*,
        row_number() over (
            order by
                (supply = 0) desc, coalesce(residents, 0) desc, unmet_requests desc, nearest_metres desc nulls first,
                park, nationality, category
        ) as rank
    from judged
)
select coalesce(json_agg(json_strip_nulls(json_build_object(
    'park', park,
    'nationality', nationality,
    'category', category,
    'category_label', catalog.label(category, $4::text),
    'residents', residents,
    'supply', supply,
    'access', case when supply > 0 then 1 else 0 end,
    'gap', gap::int,
    -- Where nobody has counted the residents, the need is not known and the gap may be anything. Else the 90 % interval
    -- of Wilson (1927), z = 1.645, on the count weighed as 20 observations and each unmet request as one.
    'confidence', json_build_object(
        'low', case when residents is null then 0 else round(greatest(0, (
            p + 1.353 / n - 1.645 * sqrt(p * (1 - p) / n + 0.6765 / (n * n))
        ) / (1 + 2.706 / n)), 3) end,
        'high', case when residents is null then 1 else round(least(1, (
            p + 1.353 / n + 1.645 * sqrt(p * (1 - p) / n + 0.6765 / (n * n))
        ) / (1 + 2.706 / n)), 3) end
    ),
    'unmet_requests', unmet_requests,
    'satisfaction', satisfaction,
    'nearest', case when nearest is not null then json_build_object(
        'amenity', nearest, 'name', catalog.display_name(nearest, $4::text), 'distance_m', round(nearest_metres),
        -- By car: the straight line times a detour of 1.3, at 60 km/h.
        'minutes', round(nearest_metres * 1.3 / 1000)
    ) end,
    'rank', rank,
    'why', concat_ws('; ',
        case
            when supply = 0 then 'no matching place within ' || round(catalog.reach_metres() / 1000) || ' km'
            when supply = 1 then '1 matching place within ' || round(catalog.reach_metres() / 1000) || ' km'
            else supply || ' matching places within ' || round(catalog.reach_metres() / 1000) || ' km'
        end,
        case
            when residents is null then 'the number of residents is not known'
            else residents || ' residents (counted by ' || basis || ', ' || residents_source || ')'
        end,
        case when supply = 0 and nearest is not null
            then 'the nearest is about ' || round(nearest_metres / 1000) || ' km away' end
    )
)) order by rank), '[]'::json) as rows
from ranked
