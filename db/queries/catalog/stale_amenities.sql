-- stale_amenities :many
-- Amenities whose words are to be written: those that changed, then those folded by another version ($1); at most $2. Two
-- writers at once take different ones.
with changed as (
    select search_stale.amenity
    from catalog.search_stale
    order by search_stale.amenity
    limit $2::int
    for update skip locked
),
old as (
    select listing.amenity
    from catalog.listing
    where listing.fold_version <> $1::int
        and not exists (select from catalog.search_stale where search_stale.amenity = listing.amenity)
    limit $2::int
)
select
    amenity.id, amenity.address_zh, amenity.address_en, amenity.phone,
    array(
        select known.name from catalog.amenity_name known where known.amenity = amenity.id
        order by known.kind, known.lang, known.name
    ) as names,
    array(
        select known.lang from catalog.amenity_name known where known.amenity = amenity.id
        order by known.kind, known.lang, known.name
    ) as langs,
    array(
        select known.kind from catalog.amenity_name known where known.amenity = amenity.id
        order by known.kind, known.lang, known.name
    ) as kinds
from (select amenity from changed union all select amenity from old limit $2::int) one
join catalog.amenity on amenity.id = one.amenity
