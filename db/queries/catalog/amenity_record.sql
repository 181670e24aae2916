-- amenity_record :optional
-- The whole record of one amenity with the source of its facts; $1 slug, $2 the reader's language, $3 id. What is computed
-- from its hours and its phone is added outside.
select json_strip_nulls(json_build_object(
    'id', amenity.id,
    'slug', amenity.slug,
    'name', catalog.display_name(amenity.id, $2::text),
    'name_local', catalog.local_name(amenity.id),
    'names', (
        select json_agg(json_build_object(
            'text', known.name, 'lang', known.lang, 'kind', known.kind, 'origin', known.origin, 'source', known.source
        ) order by known.kind desc, known.lang, known.name)
        from catalog.amenity_name known where known.amenity = amenity.id
    ),
    'category', amenity.category,
    'category_label', catalog.label(amenity.category, $2::text),
    'status', amenity.status,
    'area', json_build_object('region', amenity.region, 'name', catalog.region_name(amenity.region, $2::text)),
    'address', json_build_object(
        'zh', amenity.address_zh, 'en', amenity.address_en, 'postcode', amenity.postcode
    ),
    'location', case when amenity.location is not null then json_build_object(
        'lat', st_y(amenity.location::geometry), 'lon', st_x(amenity.location::geometry), 'datum', 'wgs84',
        'precision', amenity.precision,
        'original', json_build_object(
            'lat', amenity.original_latitude, 'lon', amenity.original_longitude, 'datum', amenity.original_datum
        )
    ) end,
    'location_known', amenity.location is not null,
    'phone', amenity.phone,
    'website', amenity.website,
    'languages', coalesce((
        select json_agg(json_build_object(
            'lang', offer.lang, 'channel', offer.channel, 'level', offer.level,
            'as_of', offer.as_of, 'confidence', offer.confidence, 'source', offer.source
        ) order by offer.lang, offer.channel)
        from catalog.language_offer offer where offer.amenity = amenity.id
    ), '[]'::json),
    'attributes', (
        select coalesce(json_agg(json_build_object('code', code, 'label', catalog.label(code, $2::text)) order by code),
            '[]'::json)
        from unnest(amenity.attributes) code
    ),
    'admission', json_build_object('admits', amenity.admits),
    'accreditation', coalesce((
        select json_agg(json_build_object(
            'scheme', accreditation.scheme, 'label', catalog.label(accreditation.scheme, $2::text),
            'status', accreditation.status, 'valid_from', accreditation.valid_from,
            'valid_to', accreditation.valid_to, 'note', accreditation.note, 'source', accreditation.source
        ) order by accreditation.scheme)
        from catalog.accreditation where accreditation.amenity = amenity.id
    ), '[]'::json),
    'notes', amenity.notes,
    'verified', (select verified from catalog.verified where verified.amenity = amenity.id),
    'verification', (
        select json_agg(json_build_object(
            'fields', field_group, 'state', state, 'at', confirmed_at, 'method', method, 'reported_at', reported_at,
            'next_check', next_check
        ) order by field_group)
        from catalog.freshness where freshness.amenity = amenity.id
    ),
    'as_of', amenity.as_of,
    'confidence', amenity.confidence,
    'sources', (
        select json_agg(json_build_object(
            'id', source.id, 'title', source.title, 'url', source.url, 'licence', source.licence
        ) order by source.id)
        from catalog.source
        where source.id = amenity.source
            or source.id = hours.source
            or source.id in (select known.source from catalog.amenity_name known where known.amenity = amenity.id)
    ),
    'updated_at', amenity.updated_at
)) as record,
    case when hours.amenity is not null then json_strip_nulls(json_build_object(
        'expression', hours.expression, 'makeup', hours.makeup, 'as_of', hours.as_of, 'confidence', hours.confidence,
        'source', hours.source
    )) end as hours,
    hours.makeup || ' ' || hours.expression as schedule,
    amenity.phone
from catalog.amenity
left join catalog.opening_hours hours on hours.amenity = amenity.id
where amenity.slug = $1::text or amenity.id = $3::uuid
