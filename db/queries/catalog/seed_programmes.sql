-- seed_programmes :one
-- Writes the staged programmes.
-- Unchanged rows are not written at all.
with written as (
    insert into catalog.programme as kept (
        amenity, curriculum, grades, status, valid_from, valid_to, source, as_of, confidence
    )
    select
        amenity.id, cell.curriculum, cell.grades, cell.status, cell.valid_from, cell.valid_to, cell.source,
        cell.as_of, cell.confidence
    from
        pg_temp.seed_row staged,
        jsonb_to_record(staged.fields) as cell (
            amenity text, curriculum text, grades text, status text, valid_from text, valid_to text, source text,
            as_of text, confidence text
        )
        join catalog.amenity on amenity.slug = cell.amenity
    where staged.file = 'programmes'
    on conflict (amenity, curriculum, grades) do update set
        status = excluded.status, valid_from = excluded.valid_from, valid_to = excluded.valid_to,
        source = excluded.source, as_of = excluded.as_of, confidence = excluded.confidence
    where (
        kept.status, kept.valid_from, kept.valid_to, kept.source, kept.as_of, kept.confidence
    ) is distinct from (
        excluded.status, excluded.valid_from, excluded.valid_to, excluded.source, excluded.as_of, excluded.confidence
    )
    returning xmax = 0 as is_new
)
select count(*) filter (where is_new), count(*) filter (where not is_new) from written
