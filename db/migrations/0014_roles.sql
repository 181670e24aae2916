-- The roles that programs take on; who may do what with them stands in 0016_row_security.sql. They can't log in and own
-- nothing: the user that a program connects as is a member of them and has its sessions take one on.
--
-- Roles belong to the cluster and not to a database: they are there already when another database of the cluster has been
-- migrated, perhaps at this very moment, and they stay when this one is dropped. (To be rid of them, drop the databases,
-- then the roles.) Making them takes CREATEROLE; a user without it needs a superuser to run this file once in any database
-- of the cluster, and to grant that user the roles.
do $$
declare
    role_name text;
begin
    foreach role_name in array array[
        'amenity_anonymous', 'amenity_investor', 'amenity_staff', 'amenity_analyst', 'amenity_admin', 'amenity_worker'
    ] loop
        begin
            if to_regrole(role_name) is null then
                execute format('create role %I nologin', role_name);
            end if;
        exception when duplicate_object or unique_violation then
            -- Another migration was faster.
            null;
        end;
        begin
            -- What is published may be read by all.
            if role_name <> 'amenity_anonymous' and not pg_has_role(role_name, 'amenity_anonymous', 'usage') then
                execute format('grant amenity_anonymous to %I', role_name);
            end if;
            if not pg_has_role(current_user, role_name, 'member') then
                execute format('grant %I to %I', role_name, current_user);
            end if;
        exception when unique_violation then
            null;
        end;
    end loop;
exception when insufficient_privilege then
    raise exception 'the user % may not make the roles amenity_anonymous, _investor, _staff, _analyst, _admin and _worker, or become a member of them',
        current_user
        using errcode = 'insufficient_privilege', hint = format(
            'Have a superuser run db/migrations/0014_roles.sql in any database of the cluster, and then: grant '
            'amenity_anonymous, amenity_investor, amenity_staff, amenity_analyst, amenity_admin, amenity_worker to %I',
            current_user
        );
end
$$;
