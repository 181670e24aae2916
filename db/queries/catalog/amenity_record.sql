-- amenity_record :optional
-- What is kept of one amenity for its whole record, with its sources; $1 slug, $2 id. What a reader's language and the hour
-- change is added outside.
select
    record.facts, named, category, region, attributes, accreditations, schemes, hours, schedule, phone,
    catalog.freshness_at(now(), is_reported, due_from, overdue_from) || proof as verified,
    checks,
    array(
        select catalog.freshness_at(now(), reported, due, overdue)
        from unnest(checks_reported, checks_due_from, checks_overdue_from) one (reported, due, overdue)
    ) as states,
    (
        select json_agg(json_strip_nulls(json_build_object(
            'id', source.id, 'title', source.title, 'url', source.url, 'licence', source.licence
        )) order by source.id)
        from catalog.source where source.id = any (record.sources || coalesce(part.sources, '{}'))
    ) as sources,
    part.facts, coalesce(part.phones, '{}') as phones, coalesce(part.phone_facts, '{}') as phone_facts
from catalog.record
left join catalog.record_part part on part.amenity = record.amenity
where record.slug = $1::text or record.amenity = $2::uuid
