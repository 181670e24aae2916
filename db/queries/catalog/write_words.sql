-- write_words :exec
-- Writes the words of amenities, side by side: $1 ids, $2 version of the fold, $3 folded names, $4 what they are sorted by,
-- $5 lexemes. They are no longer stale.
with written as (
    update catalog.listing
    set fold_version = $2::int, keys = fresh.keys, sort_keys = fresh.sort_keys::jsonb, words = fresh.words::tsvector
    from unnest($1::uuid[], $3::text[], $4::text[], $5::text[]) fresh (amenity, keys, sort_keys, words)
    where listing.amenity = fresh.amenity
)
delete from catalog.search_stale where amenity = any ($1::uuid[])
