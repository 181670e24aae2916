-- seed_amenities :one
-- Writes the staged amenities. The id of a new one follows from its slug, so that links outlive a rebuilt database.
-- Unchanged rows are not written at all and keep their updated_at.
with written as (
    insert into catalog.amenity as kept (
        id, slug, category, region, address_zh, address_en, postcode, phone, website, location, original_latitude,
        original_longitude, original_datum, precision, status, attributes, admits, notes, source, as_of, confidence
    )
    select
        md5('amenity:' || slug)::uuid, slug, category, region, address_zh, address_en, postcode, phone, website,
        st_setsrid(st_makepoint(wgs84_lon, wgs84_lat), 4326)::geography, lat, lon, datum, precision, status,
        string_to_array(coalesce(attributes, ''), ';'), admits, notes, source, as_of, confidence
    from
        pg_temp.seed_row staged,
        jsonb_to_record(staged.fields) as cell (
            slug text, category text, region text, address_zh text, address_en text, postcode text, phone text,
            website text, lat double precision, lon double precision, datum text, precision text, status text,
            attributes text, admits text, notes text, source text, as_of text, confidence text,
            wgs84_lat double precision, wgs84_lon double precision
        )
    where staged.file = 'amenities'
    on conflict (slug) do update set
        category = excluded.category, region = excluded.region, address_zh = excluded.address_zh,
        address_en = excluded.address_en, postcode = excluded.postcode, phone = excluded.phone,
        website = excluded.website, location = excluded.location, original_latitude = excluded.original_latitude,
        original_longitude = excluded.original_longitude, original_datum = excluded.original_datum,
        precision = excluded.precision, status = excluded.status, attributes = excluded.attributes,
        admits = excluded.admits, notes = excluded.notes, source = excluded.source, as_of = excluded.as_of,
        confidence = excluded.confidence, updated_at = clock_timestamp()
    where (
        kept.category, kept.region, kept.address_zh, kept.address_en, kept.postcode, kept.phone, kept.website,
        kept.location, kept.original_latitude, kept.original_longitude, kept.original_datum, kept.precision,
        kept.status, kept.attributes, kept.admits, kept.notes, kept.source, kept.as_of, kept.confidence
    ) is distinct from (
        excluded.category, excluded.region, excluded.address_zh, excluded.address_en, excluded.postcode,
        excluded.phone, excluded.website, excluded.location, excluded.original_latitude, excluded.original_longitude,
        excluded.original_datum, excluded.precision, excluded.status, excluded.attributes, excluded.admits,
        excluded.notes, excluded.source, excluded.as_of, excluded.confidence
    )
    returning xmax = 0 as is_new
)
select count(*) filter (where is_new), count(*) filter (where not is_new) from written
