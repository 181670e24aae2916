-- What follows from a record (its listing, the words it is found by, the news of its change) is written by triggers for
-- rows, which a truncation would go past. So it deletes them first: there is nothing else that it may mean.

create function catalog.delete_rows() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    execute format('delete from %I.%I', tg_table_schema, tg_table_name);
    return null;
end
$$;

revoke all on function catalog.delete_rows() from public;

do $$
declare
    name text;
begin
    foreach name in array array[
        'amenity', 'amenity_name', 'language_offer', 'opening_hours', 'accreditation', 'field_check'
    ] loop
        execute format(
            'create trigger delete_rows before truncate on catalog.%I '
            'for each statement execute function catalog.delete_rows()', name
        );
    end loop;
end
$$;
