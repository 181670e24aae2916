-- seed_residents :one
-- Writes the staged counts of residents: a table of the gap reports, filled here since a seed is one transaction.
-- Unchanged rows are not written at all.
with written as (
    insert into gaps.residents as kept (
        park, nationality, low, value, high, as_of, basis, source, confidence, note
    )
    select park, nationality, residents_low, residents, residents_high, as_of, basis, source, confidence, note
    from
        pg_temp.seed_row staged,
        jsonb_to_record(staged.fields) as cell (
            park text, nationality text, residents_low integer, residents integer, residents_high integer, as_of text,
            basis text, source text, confidence text, note text
        )
    where staged.file = 'residents'
    on conflict (park, nationality) do update set
        low = excluded.low, value = excluded.value, high = excluded.high, as_of = excluded.as_of,
        basis = excluded.basis, source = excluded.source, confidence = excluded.confidence, note = excluded.note
    where (
        kept.low, kept.value, kept.high, kept.as_of, kept.basis, kept.source, kept.confidence, kept.note
    ) is distinct from (
        excluded.low, excluded.value, excluded.high, excluded.as_of, excluded.basis, excluded.source,
        excluded.confidence, excluded.note
    )
    returning xmax = 0 as is_new
)
select count(*) filter (where is_new), count(*) filter (where not is_new) from written
