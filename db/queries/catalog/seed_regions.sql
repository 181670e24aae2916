-- seed_regions :one
-- Writes the staged provinces, prefectures and counties; a parent may stand in the same file.
-- Unchanged rows are not written at all.
with written as (
    insert into catalog.region as kept (adcode, parent, level, name_zh, name_en, seat, source)
    select
        adcode, parent, level, name_zh, name_en, st_setsrid(st_makepoint(seat_lon, seat_lat), 4326)::geography, source
    from
        pg_temp.seed_row staged,
        jsonb_to_record(staged.fields) as cell (
            adcode text, parent text, level text, name_zh text, name_en text,
            seat_lat double precision, seat_lon double precision, source text
        )
    where staged.file = 'regions'
    on conflict (adcode) do update set
        parent = excluded.parent, level = excluded.level, name_zh = excluded.name_zh, name_en = excluded.name_en,
        seat = excluded.seat, source = excluded.source
    where (kept.parent, kept.level, kept.name_zh, kept.name_en, kept.seat, kept.source) is distinct from
        (excluded.parent, excluded.level, excluded.name_zh, excluded.name_en, excluded.seat, excluded.source)
    returning xmax = 0 as is_new
)
select count(*) filter (where is_new), count(*) filter (where not is_new) from written
