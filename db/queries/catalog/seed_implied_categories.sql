-- seed_implied_categories :one
-- Writes the staged links from properties to the kinds of place that have them.
-- Unchanged rows are not written at all.
with written as (
    insert into catalog.implied_category as kept (attribute, category, place)
    select attribute, category, place
    from
        pg_temp.seed_row staged,
        jsonb_to_record(staged.fields) as cell (attribute text, category text, place smallint)
    where staged.file = 'implied_categories'
    on conflict (attribute, category) do update set place = excluded.place
    where kept.place is distinct from excluded.place
    returning xmax = 0 as is_new
)
select count(*) filter (where is_new), count(*) filter (where not is_new) from written
