-- seed_calendar_days :one
-- Writes the staged days of public holidays and of weekend days worked in exchange.
-- Unchanged rows are not written at all.
with written as (
    insert into catalog.calendar_day as kept (day, year, kind, name_zh, name_en, source)
    select day, year, kind, name_zh, name_en, source
    from
        pg_temp.seed_row staged,
        jsonb_to_record(staged.fields) as cell (
            day date, year integer, kind text, name_zh text, name_en text, source text
        )
    where staged.file = 'calendar_days'
    on conflict (day) do update set
        year = excluded.year, kind = excluded.kind, name_zh = excluded.name_zh, name_en = excluded.name_en,
        source = excluded.source
    where (kept.year, kept.kind, kept.name_zh, kept.name_en, kept.source) is distinct from
        (excluded.year, excluded.kind, excluded.name_zh, excluded.name_en, excluded.source)
    returning xmax = 0 as is_new
)
select count(*) filter (where is_new), count(*) filter (where not is_new) from written
