-- seed_park_names :one
-- Writes the names of the staged parks: Chinese and the partner's are official, the English one says its origin.
-- Unchanged rows are not written at all.
with name as (
    select id as park, lang, name, origin
    from
        pg_temp.seed_row staged,
        jsonb_to_record(staged.fields) as cell (
            id text, name_zh text, name_en text, name_en_origin text, name_partner text, partner_lang text
        ),
        lateral (values
            ('zh-Hans', name_zh, 'official'), ('en', name_en, name_en_origin), (partner_lang, name_partner, 'official')
        ) as one (lang, name, origin)
    where staged.file = 'parks' and name is not null
), written as (
    insert into catalog.park_name as kept (park, lang, name, origin)
    select park, lang, name, origin from name
    on conflict (park, lang) do update set name = excluded.name, origin = excluded.origin
    where (kept.name, kept.origin) is distinct from (excluded.name, excluded.origin)
    returning xmax = 0 as is_new
)
select count(*) filter (where is_new), count(*) filter (where not is_new) from written
