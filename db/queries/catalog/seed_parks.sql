-- seed_parks :one
-- Writes the staged parks without their names.
-- Unchanged rows are not written at all.
with written as (
    insert into catalog.park as kept (
        id, region, zone_zh, level, year, partner_countries, industries_zh, location, precision, source, as_of,
        confidence
    )
    select
        id, region, zone_zh, level, year, string_to_array(coalesce(partner_country, ''), ';'), industries_zh,
        st_setsrid(st_makepoint(wgs84_lon, wgs84_lat), 4326)::geography, precision, source, as_of, confidence
    from
        pg_temp.seed_row staged,
        jsonb_to_record(staged.fields) as cell (
            id text, region text, zone_zh text, level text, year integer, partner_country text, industries_zh text,
            wgs84_lat double precision, wgs84_lon double precision, precision text, source text, as_of text, confidence text
        )
    where staged.file = 'parks'
    on conflict (id) do update set
        region = excluded.region, zone_zh = excluded.zone_zh, level = excluded.level, year = excluded.year,
        partner_countries = excluded.partner_countries, industries_zh = excluded.industries_zh,
        location = excluded.location, precision = excluded.precision, source = excluded.source,
        as_of = excluded.as_of, confidence = excluded.confidence
    where (
        kept.region, kept.zone_zh, kept.level, kept.year, kept.partner_countries, kept.industries_zh, kept.location,
        kept.precision, kept.source, kept.as_of, kept.confidence
    ) is distinct from (
        excluded.region, excluded.zone_zh, excluded.level, excluded.year, excluded.partner_countries,
        excluded.industries_zh, excluded.location, excluded.precision, excluded.source, excluded.as_of,
        excluded.confidence
    )
    returning xmax = 0 as is_new
)
select count(*) filter (where is_new), count(*) filter (where not is_new) from written
