-- seed_field_sources :one
-- Writes the staged sources of single fields.
-- Unchanged rows are not written at all.
with written as (
    insert into catalog.field_source as kept (
        amenity, field, source, as_of
    )
    select
        amenity.id, cell.field, cell.source, cell.as_of
    from
        pg_temp.seed_row staged,
        jsonb_to_record(staged.fields) as cell (
            amenity text, field text, source text, as_of text
        )
        join catalog.amenity on amenity.slug = cell.amenity
    where staged.file = 'field_sources'
    on conflict (amenity, field) do update set
        source = excluded.source, as_of = excluded.as_of
    where (
        kept.source, kept.as_of
    ) is distinct from (
        excluded.source, excluded.as_of
    )
    returning xmax = 0 as is_new
)
select count(*) filter (where is_new), count(*) filter (where not is_new) from written
