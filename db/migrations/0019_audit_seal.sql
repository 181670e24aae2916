-- The chain of the audit log is made behind the commits: a transaction only leaves its entry. When it numbered and chained
-- the entry itself, whatever wrote was done one after the other from that lock to the flush of its commit: with 16 sessions
-- that submit requests a quarter of what they do without. Whoever looks at the log seals first what is committed, and the
-- service does every second; until then an entry could be taken away unseen by whoever may change tables.

create table access.audit_unsealed (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    actor text not null,
    role text not null,
    token bigint,
    act text not null check (act <> ''),
    object text,
    request_id text,
    before bytea,
    after bytea
);
select access.guard('access.audit_unsealed');

create trigger not_changed before update or truncate on access.audit_unsealed
    for each statement execute function access.refuse_change();

-- Leaves an entry for the log.
create or replace function access.note(act text, object text, before bytea default null, after bytea default null)
returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    made bigint;
    -- Also within a definer's function this is what the session was set to.
    role_taken text := current_setting('role');
    role_name text := case when role_taken = 'none' then 'operator' else replace(role_taken, 'amenity_', '') end;
begin
    insert into access.audit_unsealed (at, actor, role, token, act, object, request_id, before, after)
    values (
        clock_timestamp(),
        coalesce(
            nullif(current_setting('amenity.actor', true), ''),
            case role_name when 'operator' then session_user else role_name end
        ),
        role_name,
        nullif(current_setting('amenity.token', true), '')::bigint,
        note.act,
        note.object,
        nullif(current_setting('amenity.request_id', true), ''),
        note.before,
        note.after
    )
    returning id into made;
    return made;
end
$$;

-- Appends what is committed and not in the log yet, and says how many entries that were. One at a time does it, so that
-- numbers have no gap and the chain no fork.
create function access.seal() returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    head access.audit_head;
    waiting access.audit_unsealed;
    entry access.audit;
    began bigint;
begin
    if not exists (select from access.audit_unsealed) then
        return 0;
    end if;
    select * into head from access.audit_head for update;
    began := head.number;
    -- A statement of its own, which sees what an earlier one has left, and takes away what it sees and nothing else.
    for waiting in
        with taken as (delete from access.audit_unsealed returning *)
        select * from taken order by id
    loop
        entry.number := head.number + 1;
        entry.at := waiting.at;
        entry.actor := waiting.actor;
        entry.role := waiting.role;
        entry.token := waiting.token;
        entry.act := waiting.act;
        entry.object := waiting.object;
        entry.request_id := waiting.request_id;
        entry.before := waiting.before;
        entry.after := waiting.after;
        entry.hash := access.audit_hash(head.hash, entry);
        insert into access.audit select entry.*;
        head.number := entry.number;
        head.hash := entry.hash;
    end loop;
    update access.audit_head set number = head.number, hash = head.hash;
    return head.number - began;
end
$$;

revoke all on function access.seal() from public;
grant execute on function access.seal() to amenity_anonymous;
