-- culture_terms :one
-- What answers to a nationality ($1, may be null), and the labels that reasons of a match are told with in $2's language.
with own as materialized (
    select term from catalog.nationality_term where nationality = $1::text
),
named as (
    select code, coalesce(labels ->> $2::text, labels ->> 'en') as label
    from catalog.term
    where code in (select term from own) or parent in ('a.lang', 'a.langlevel', 'a.diet', 'a.insurer', 'worship')
)
select
    array(select term from own order by term) as terms,
    array(select code from named order by code) as codes,
    array(select label from named order by code) as labels
