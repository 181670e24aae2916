-- seed_opening_hours :one
-- Writes the staged opening hours.
-- Unchanged rows are not written at all.
with written as (
    insert into catalog.opening_hours as kept (amenity, expression, makeup, source, as_of, confidence)
    select amenity.id, cell.expression, cell.makeup, cell.source, cell.as_of, cell.confidence
    from
        pg_temp.seed_row staged,
        jsonb_to_record(staged.fields) as cell (
            amenity text, expression text, makeup text, source text, as_of text, confidence text
        )
        join catalog.amenity on amenity.slug = cell.amenity
    where staged.file = 'opening_hours'
    on conflict (amenity) do update set
        expression = excluded.expression, makeup = excluded.makeup, source = excluded.source, as_of = excluded.as_of,
        confidence = excluded.confidence
    where (kept.expression, kept.makeup, kept.source, kept.as_of, kept.confidence) is distinct from
        (excluded.expression, excluded.makeup, excluded.source, excluded.as_of, excluded.confidence)
    returning xmax = 0 as is_new
)
select count(*) filter (where is_new), count(*) filter (where not is_new) from written
