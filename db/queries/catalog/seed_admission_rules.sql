-- seed_admission_rules :one
-- Writes the staged rules of admission.
-- Unchanged rows are not written at all.
with written as (
    insert into catalog.admission_rule as kept (
        amenity, position, decision, who, nationalities, min_age, max_age, source, as_of, confidence
    )
    select
        amenity.id, cell.position, cell.decision, cell.who, string_to_array(cell.nationalities, ';'), cell.min_age,
        cell.max_age, cell.source, cell.as_of, cell.confidence
    from
        pg_temp.seed_row staged,
        jsonb_to_record(staged.fields) as cell (
            amenity text, position smallint, decision text, who text, nationalities text, min_age smallint,
            max_age smallint, source text, as_of text, confidence text
        )
        join catalog.amenity on amenity.slug = cell.amenity
    where staged.file = 'admission_rules'
    on conflict (amenity, position) do update set
        decision = excluded.decision, who = excluded.who, nationalities = excluded.nationalities,
        min_age = excluded.min_age, max_age = excluded.max_age, source = excluded.source, as_of = excluded.as_of,
        confidence = excluded.confidence
    where (
        kept.decision, kept.who, kept.nationalities, kept.min_age, kept.max_age, kept.source, kept.as_of,
        kept.confidence
    ) is distinct from (
        excluded.decision, excluded.who, excluded.nationalities, excluded.min_age, excluded.max_age, excluded.source,
        excluded.as_of, excluded.confidence
    )
    returning xmax = 0 as is_new
)
select count(*) filter (where is_new), count(*) filter (where not is_new) from written
