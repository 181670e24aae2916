-- seed_amenity_names :one
-- Writes the staged names of amenities.
-- Unchanged rows are not written at all.
with written as (
    insert into catalog.amenity_name as kept (amenity, lang, name, kind, origin, source)
    select amenity.id, cell.lang, cell.name, cell.kind, cell.origin, cell.source
    from
        pg_temp.seed_row staged,
        jsonb_to_record(staged.fields) as cell (
            amenity text, lang text, name text, kind text, origin text, source text
        )
        join catalog.amenity on amenity.slug = cell.amenity
    where staged.file = 'amenity_names'
    on conflict (amenity, lang, name) do update set
        kind = excluded.kind, origin = excluded.origin, source = excluded.source
    where (kept.kind, kept.origin, kept.source) is distinct from (excluded.kind, excluded.origin, excluded.source)
    returning xmax = 0 as is_new
)
select count(*) filter (where is_new), count(*) filter (where not is_new) from written
