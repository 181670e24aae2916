-- seed_sources :one
-- Writes the staged sources and counts the rows that are new and those that changed.
-- Unchanged rows are not written at all, so that a second run leaves no trace.
with written as (
    insert into catalog.source as kept (id, title, provider, url, licence, retrieved, note)
    select id, title, provider, url, licence, retrieved, note
    from
        pg_temp.seed_row staged,
        jsonb_to_record(staged.fields) as cell (
            id text, title text, provider text, url text, licence text, retrieved text, note text
        )
    where staged.file = 'sources'
    on conflict (id) do update set
        title = excluded.title, provider = excluded.provider, url = excluded.url, licence = excluded.licence,
        retrieved = excluded.retrieved, note = excluded.note
    where (kept.title, kept.provider, kept.url, kept.licence, kept.retrieved, kept.note) is distinct from
        (excluded.title, excluded.provider, excluded.url, excluded.licence, excluded.retrieved, excluded.note)
    returning xmax = 0 as is_new
)
select count(*) filter (where is_new), count(*) filter (where not is_new) from written
