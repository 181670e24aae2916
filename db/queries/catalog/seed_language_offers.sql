-- seed_language_offers :one
-- Writes the staged languages of service.
-- Unchanged rows are not written at all.
with written as (
    insert into catalog.language_offer as kept (amenity, lang, channel, level, source, as_of, confidence)
    select amenity.id, cell.lang, cell.channel, cell.level, cell.source, cell.as_of, cell.confidence
    from
        pg_temp.seed_row staged,
        jsonb_to_record(staged.fields) as cell (
            amenity text, lang text, channel text, level text, source text, as_of text, confidence text
        )
        join catalog.amenity on amenity.slug = cell.amenity
    where staged.file = 'language_offers'
    on conflict (amenity, lang, channel) do update set
        level = excluded.level, source = excluded.source, as_of = excluded.as_of, confidence = excluded.confidence
    where (kept.level, kept.source, kept.as_of, kept.confidence) is distinct from
        (excluded.level, excluded.source, excluded.as_of, excluded.confidence)
    returning xmax = 0 as is_new
)
select count(*) filter (where is_new), count(*) filter (where not is_new) from written
