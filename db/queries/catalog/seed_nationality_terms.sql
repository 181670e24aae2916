-- seed_nationality_terms :one
-- Writes the staged links between a nationality and the terms that answer to it.
-- Unchanged rows are not written at all.
with written as (
    insert into catalog.nationality_term as kept (nationality, term, source, note)
    select nationality, term, source, note
    from
        pg_temp.seed_row staged,
        jsonb_to_record(staged.fields) as cell (nationality text, term text, source text, note text)
    where staged.file = 'nationality_terms'
    on conflict (nationality, term) do update set source = excluded.source, note = excluded.note
    where (kept.source, kept.note) is distinct from (excluded.source, excluded.note)
    returning xmax = 0 as is_new
)
select count(*) filter (where is_new), count(*) filter (where not is_new) from written
