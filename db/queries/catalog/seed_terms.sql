-- seed_terms :one
-- Writes the staged taxonomy; a parent may stand in the same file.
-- Unchanged rows are not written at all.
with written as (
    insert into catalog.term as kept (code, parent, kind, labels, osm_tag, schema_org)
    select
        code, parent, kind,
        jsonb_build_object(
            'en', en, 'zh-Hans', "zh-Hans", 'zh-Hant', "zh-Hant", 'ja', ja, 'de', de, 'nl', nl, 'fr', fr, 'ko', ko
        ),
        osm_tag, schema_org
    from
        pg_temp.seed_row staged,
        jsonb_to_record(staged.fields) as cell (
            code text, parent text, kind text, en text, "zh-Hans" text, "zh-Hant" text, ja text, de text, nl text,
            fr text, ko text, osm_tag text, schema_org text
        )
    where staged.file = 'terms'
    on conflict (code) do update set
        parent = excluded.parent, kind = excluded.kind, labels = excluded.labels, osm_tag = excluded.osm_tag,
        schema_org = excluded.schema_org
    where (kept.parent, kept.kind, kept.labels, kept.osm_tag, kept.schema_org) is distinct from
        (excluded.parent, excluded.kind, excluded.labels, excluded.osm_tag, excluded.schema_org)
    returning xmax = 0 as is_new
)
select count(*) filter (where is_new), count(*) filter (where not is_new) from written
