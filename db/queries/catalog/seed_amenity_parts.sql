-- seed_amenity_parts :one
-- Writes the staged services of other amenities.
-- Unchanged rows are not written at all.
with written as (
    insert into catalog.amenity_part as kept (
        amenity, whole, source
    )
    select
        amenity.id, whole.id, cell.source
    from
        pg_temp.seed_row staged,
        jsonb_to_record(staged.fields) as cell (
            amenity text, whole text, source text
        )
        join catalog.amenity on amenity.slug = cell.amenity
        join catalog.amenity whole on whole.slug = cell.whole
    where staged.file = 'amenity_parts'
    on conflict (amenity) do update set
        whole = excluded.whole, source = excluded.source
    where (
        kept.whole, kept.source
    ) is distinct from (
        excluded.whole, excluded.source
    )
    returning xmax = 0 as is_new
)
select count(*) filter (where is_new), count(*) filter (where not is_new) from written
