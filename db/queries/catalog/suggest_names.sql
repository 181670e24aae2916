-- suggest_names :many
-- Amenities by what is typed of their names: those whose name begins with $1 (up to $2), then those with a word that does
-- ($3, a tsquery, null for none). $4 and $5 the point on the plane to sort by (null: by name), $6 rows.
with by_name as (
    select distinct on (amenity) amenity, name, lang
    from (
        select key, amenity, name, lang
        from catalog.search_name
        where key >= $1::text collate "C" and key < $2::text collate "C"
        order by key
        limit 60
    ) beginning
    order by amenity, key
),
by_word as (
    select listing.amenity
    from catalog.listing
    where $3::text is not null and listing.words @@ $3::text::tsquery
    limit 60
),
found as (
    select amenity, name, lang, 0 as place from by_name
    union all
    select amenity, null, null, 1 from by_word where amenity not in (select amenity from by_name)
)
select
    listing.amenity, listing.slug, listing.category, listing.region, found.name, found.lang,
    (
        select origin from catalog.amenity_name
        where amenity_name.amenity = found.amenity and amenity_name.lang = found.lang and amenity_name.name = found.name
    ) as origin,
    case when found.name is null then listing.named end as named
from found
join catalog.listing on listing.amenity = found.amenity
order by
    found.place, listing.spot <-> point($4::float8, $5::float8), coalesce(found.name, listing.named) collate "C",
    listing.amenity
limit $6::int
