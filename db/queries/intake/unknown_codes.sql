-- unknown_codes :one
-- Whether a park exists, and which codes do not; $1 park, $2 codes.
select
    ($1::text is null or exists (select from catalog.park where id = $1::text)) as knows_park,
    coalesce(array(
        select asked.code from unnest($2::text[]) with ordinality asked (code, position)
        where not exists (select from catalog.term where term.code = asked.code) order by asked.position
    ), '{}') as unknown
