-- ranked_amenities :many
-- The amenities that answer words or wishes, best first. $1 and $2 the point on the plane (null: nowhere), $3 radius in
-- metres, $4 categories with those below them, $5 for each how well it fits (1 is best), $6 attributes that all must be
-- there, $7 groups of attributes of which one must ('a|b'), $8 how many groups at least, $9 codes that are not wanted,
-- $10 the words as a tsquery, $11 the whole text as a name, $12 the same folded, $13 parts of the words, $14 how many parts
-- at least, $15 schedules that are open at the wanted time, $16 confirmed within days, $17 attributes of the languages that are
-- understood, $18 further terms that suit, $19 sort, $20 regions, $21 how far they are, $22 the search's time (null: now), $23 rows,
-- $24 to $26 the last key, name and id of the page before, $27 the reader's languages, $28 the facets that are counted, $29 what it
-- is worth to hold the text, to begin with it and to be it.
with asked as materialized (
    select
        $10::text::tsquery as words,
        $11::text::tsquery as name,
        array(select part::tsquery from unnest($13::text[]) part) as parts
),
-- By the first of these that was asked for: a name, words, categories, attributes, a place.
candidate as (
    select listing.* from asked join catalog.listing on listing.words @@ asked.name
    union all
    select listing.*
    from asked join catalog.listing on listing.words @@ asked.words
    where ($4::text[] is null or listing.category = any ($4::text[]))
        and (listing.words @@ asked.name) is not true
    union all
    select listing.*
    from catalog.listing
    where $10::text is null and listing.category = any ($4::text[])
        and ($11::text is null or (listing.words @@ (select name from asked)) is not true)
    union all
    select listing.*
    from catalog.listing
    where $10::text is null and $4::text[] is null
        and listing.attributes && ($6::text[] || string_to_array(array_to_string($7::text[], '|'), '|'))
        and ($11::text is null or (listing.words @@ (select name from asked)) is not true)
    union all
    select listing.*
    from catalog.listing
    where $10::text is null and $4::text[] is null and $11::text is null
        and cardinality($6::text[] || $7::text[]) = 0
        and listing.spot <@ circle(point($1::float8, $2::float8), $3::float8)
    union all
    select listing.*
    from catalog.listing
    where $10::text is null and $4::text[] is null and $11::text is null
        and cardinality($6::text[] || $7::text[]) = 0
        and listing.spot is null and listing.region = any ($20::text[])
),
measured as (
    select
        candidate.*,
        coalesce(
            candidate.spot <-> point($1::float8, $2::float8),
            ($21::float8[])[array_position($20::text[], candidate.region)]
        ) as reach,
        case when $12::text is null then 0
            when strpos(candidate.keys, E'\n' || $12::text || E'\n') > 0 then 3
            when strpos(candidate.keys, E'\n' || $12::text) > 0 then 2
            when strpos(candidate.keys, $12::text) > 0 then 1
            else 0 end as closeness,
        case when cardinality($7::text[]) = 0 then 0 else (
            select count(*) from unnest($7::text[]) wanted (codes)
            where candidate.attributes && string_to_array(wanted.codes, '|')
        ) end as groups_met,
        case when cardinality($13::text[]) = 0 then 0 else (
            select count(*) from asked cross join unnest(asked.parts) part where candidate.words @@ part
        ) end as parts_met
    from candidate
    -- An index on attributes would be read from end to end for none.
    where (cardinality($6::text[]) = 0 or candidate.attributes @> $6::text[])
        and not candidate.attributes && $9::text[]
        and candidate.category <> all ($9::text[])
        and ($15::text[] is null or candidate.schedule = any ($15::text[]))
        and ($16::int is null or candidate.confirmed_at >= coalesce($22::timestamptz, now()) - make_interval(days => $16::int))
),
kept as materialized (
    select
        amenity, category, region, attributes, closeness,
        case $19::text
            when 'distance' then coalesce(reach, 'infinity'::float8)
            when 'freshness' then coalesce(-extract(epoch from confirmed_at), 0)::float8
            when 'name' then 0
            -- What it is called, what kind of thing it is and what was asked of it; then how near, whom it suits, how sure.
            else -(
                (array[0] || $29::int[])[closeness + 1]
                + 4 / (coalesce(($5::int[])[array_position($4::text[], category)], 4))::float8
                + 3 * groups_met + 3 * parts_met
                + coalesce(2 / (1 + reach / 10000), 0)
                + case when attributes && $17::text[] then 1.5 else 0 end
                + case when attributes && $18::text[] or category = any ($18::text[]) then 1 else 0 end
                + case when is_reported then -0.5 when due_from > coalesce($22::timestamptz, now()) then 0.3 else 0 end
            )
        end as sort_key,
        case when $19::text = 'name' then coalesce(
            sort_keys ->> ($27::text[])[1], sort_keys ->> ($27::text[])[2], sort_keys ->> ($27::text[])[3], ''
        ) else '' end collate "C" as sort_name
    from measured
    where (closeness >= 2 or groups_met >= $8::int and parts_met >= $14::int)
        and ($3::float8 is null or reach <= $3::float8)
),
page as (
    select *
    from kept
    where $24::float8 is null
        or (sort_key, sort_name, amenity) > ($24::float8, $25::text collate "C", $26::uuid)
    order by sort_key, sort_name, amenity
    limit $23::int
),
summary as (
    select
        case when cardinality($28::text[]) > 0 then (select count(*) from kept) end as total,
        case when 'category' = any ($28::text[]) then (
            select json_object_agg(category, n order by n desc, category)
            from (select category, count(*) as n from kept group by category) counted
        )::text end as categories,
        case when 'attribute' = any ($28::text[]) then (
            select json_object_agg(code, n order by n desc, code)
            from (select code, count(*) as n from kept cross join unnest(attributes) code group by code) counted
        )::text end as attributes,
        case when 'region' = any ($28::text[]) then (
            select json_object_agg(region, n order by n desc, region)
            from (select region, count(*) as n from kept group by region) counted
        )::text end as regions
)
select
    summary.total, summary.categories as category_counts, summary.attributes as attribute_counts,
    summary.regions as region_counts, coalesce($22::timestamptz, now()) as as_of,
    shown.amenity, shown.facts, shown.named, shown.category, shown.region, shown.latitude, shown.longitude,
    shown.verified, shown.schedule, page.sort_key, page.sort_name, page.closeness
from summary
left join (page join catalog.shown on shown.amenity = page.amenity) on true
order by page.sort_key, page.sort_name, page.amenity
