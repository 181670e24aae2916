-- seed_accreditations :one
-- Writes the staged accreditations.
-- Unchanged rows are not written at all.
with written as (
    insert into catalog.accreditation as kept (
        amenity, scheme, status, reference, valid_from, valid_to, note, source, as_of, confidence
    )
    select
        amenity.id, cell.scheme, cell.status, cell.reference, cell.valid_from, cell.valid_to, cell.note, cell.source,
        cell.as_of, cell.confidence
    from
        pg_temp.seed_row staged,
        jsonb_to_record(staged.fields) as cell (
            amenity text, scheme text, status text, reference text, valid_from text, valid_to text, note text,
            source text, as_of text, confidence text
        )
        join catalog.amenity on amenity.slug = cell.amenity
    where staged.file = 'accreditations'
    on conflict (amenity, scheme) do update set
        status = excluded.status, reference = excluded.reference, valid_from = excluded.valid_from,
        valid_to = excluded.valid_to, note = excluded.note, source = excluded.source, as_of = excluded.as_of,
        confidence = excluded.confidence
    where (
        kept.status, kept.reference, kept.valid_from, kept.valid_to, kept.note, kept.source, kept.as_of,
        kept.confidence
    ) is distinct from (
        excluded.status, excluded.reference, excluded.valid_from, excluded.valid_to, excluded.note, excluded.source,
        excluded.as_of, excluded.confidence
    )
    returning xmax = 0 as is_new
)
select count(*) filter (where is_new), count(*) filter (where not is_new) from written
