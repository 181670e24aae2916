-- find_zone :one
-- The time zone $1 as the database spells it, null if there is none; and names that end like it, as suggestions. `at time
-- zone` would take abbreviations and anything of the form ABC+5 besides, which know nothing of summer time.
with known as materialized (
    select name from pg_timezone_names where name !~ '^(posix|right)/|^(localtime|posixrules|Factory)$'
)
select
    (select min(name) from known where lower(name) = lower($1::text)) as name,
    array(
        select name from known
        where lower(split_part(name, '/', -1)) = replace(lower($1::text), ' ', '_')
        order by name
        limit 3
    ) as similar
