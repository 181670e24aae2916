-- list_terms :one
-- The taxonomy in the reader's language with counts; $1 kind, $2 parent, $3 language.
select coalesce(json_agg(json_strip_nulls(json_build_object(
    'code', term.code,
    'parent', term.parent,
    'kind', term.kind,
    'label', coalesce(term.labels ->> $3::text, term.labels ->> 'en'),
    'labels', term.labels,
    'count', (
        select count(*) from catalog.amenity
        where amenity.category = term.code or starts_with(amenity.category, term.code || '.')
            or term.code = any (amenity.attributes)
    )
)) order by term.code), '[]'::json) as items
from catalog.term
where ($1::text is null or term.kind = $1::text) and ($2::text is null or term.parent = $2::text)
