-- unknown_codes :one
-- Whether a park exists, and which codes are none of their kind; $1 park, $2 categories, $3 attributes.
select
    ($1::text is null or exists (select from catalog.park where id = $1::text)) as knows_park,
    coalesce(array(
        select asked.code
        from (
            select code, 'category' as kind from unnest($2::text[]) code
            union all select code, 'attribute' from unnest($3::text[]) code
        ) asked
        where not exists (select from catalog.term where term.code = asked.code and term.kind = asked.kind)
    ), '{}') as unknown
