-- Programs keep answers of the catalogue in memory: whatever an answer is made of tells them at the commit that it has
-- changed, and whether words have, which are kept apart. Commits with a notification go one by one on the whole server,
-- which the catalogue bears: it changes seldom, and all changes of a transaction are told once.

create function catalog.tell_change() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform pg_notify('catalog_changed', case tg_table_name when 'vocabulary_edition' then 'words' else '' end);
    return null;
end
$$;

revoke all on function catalog.tell_change() from public;

-- The edition stands for all tables of words, regions and parks.
do $$
declare
    name text;
begin
    foreach name in array array[
        'amenity', 'amenity_name', 'language_offer', 'accreditation', 'opening_hours', 'field_check', 'listing',
        'search_name', 'search_word', 'source', 'calendar_day', 'vocabulary_edition'
    ] loop
        execute format(
            'create trigger tell_change after insert or update or delete or truncate on catalog.%I '
            'for each statement execute function catalog.tell_change()', name
        );
    end loop;
end
$$;
