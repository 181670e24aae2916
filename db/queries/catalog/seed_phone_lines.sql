-- seed_phone_lines :one
-- Writes the staged telephone lines.
-- Unchanged rows are not written at all.
with written as (
    insert into catalog.phone_line as kept (
        amenity, phone, kind, lang, note, source, as_of, confidence
    )
    select
        amenity.id, cell.phone, cell.kind, cell.lang, cell.note, cell.source, cell.as_of, cell.confidence
    from
        pg_temp.seed_row staged,
        jsonb_to_record(staged.fields) as cell (
            amenity text, phone text, kind text, lang text, note text, source text, as_of text, confidence text
        )
        join catalog.amenity on amenity.slug = cell.amenity
    where staged.file = 'phone_lines'
    on conflict (amenity, phone) do update set
        kind = excluded.kind, lang = excluded.lang, note = excluded.note, source = excluded.source,
        as_of = excluded.as_of, confidence = excluded.confidence
    where (
        kept.kind, kept.lang, kept.note, kept.source, kept.as_of, kept.confidence
    ) is distinct from (
        excluded.kind, excluded.lang, excluded.note, excluded.source, excluded.as_of, excluded.confidence
    )
    returning xmax = 0 as is_new
)
select count(*) filter (where is_new), count(*) filter (where not is_new) from written
