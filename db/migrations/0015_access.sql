-- Tokens that can be narrowed, rotated and good from some networks only, what a transaction does to act for one, and the
-- audit log.

-- Tokens -------------------------------------------------------------------------------------------------------------

alter table access.token
    -- What it may be used for; null for all that its role may do.
    add column scopes text[] check (cardinality(scopes) > 0),
    -- The token that it was narrowed from: it ends with that one.
    add column parent bigint references access.token,
    -- The token that it replaces.
    add column rotated_from bigint references access.token,
    -- From where alone it may be used; null for anywhere. The service looks, who knows the caller's address.
    add column networks cidr[] check (cardinality(networks) > 0),
    -- A subject's alternative name of the certificate that its holder shows, such as `DNS:desk.example`; null for a secret.
    add column certificate text check (certificate ~ '^(DNS|URI|email):.');

create index token_by_parent on access.token (parent) where parent is not null;
create index token_by_certificate on access.token (certificate) where certificate is not null;

comment on column access.token.parks is 'For staff the parks they work for; for other roles the only ones, or all if empty.';

-- Whether a token may be used now. One whose ancestor was revoked in the very moment in which it was made counts as revoked
-- too.
create function access.is_valid(token access.token) returns boolean
language sql stable as $$
    select token.revoked_at is null and (token.expires_at is null or token.expires_at > clock_timestamp())
        and (token.parent is null or not exists (
            with recursive up as (
                select token.parent as id
                union all
                select above.parent from access.token above join up on above.id = up.id where above.parent is not null
            )
            select from access.token above join up using (id) where above.revoked_at is not null
        ))
$$;

-- A token made from another may do no more than that one, and from nowhere else, whoever makes it and however.
create function access.check_narrowing() returns trigger
language plpgsql as $$
declare
    parent access.token;
begin
    -- Whoever ends or rotates the parent at the same time goes first or waits.
    select * into parent from access.token where id = new.parent for share;
    if not access.is_valid(parent) then
        raise exception 'token % is no longer valid, so none can be made from it', parent.id
            using errcode = 'invalid_authorization_specification';
    elsif new.role <> parent.role
        or (parent.scopes is not null and (new.scopes is null or not new.scopes <@ parent.scopes))
        or not new.parks <@ parent.parks and (parent.parks <> '{}' or parent.role = 'staff')
        or (new.parks = '{}' and parent.parks <> '{}' and parent.role <> 'staff')
        or (parent.networks is not null and new.networks is null)
        or exists (
            select from unnest(new.networks) network
            where not network <<= any (coalesce(parent.networks, '{0.0.0.0/0,::/0}'))
        )
        or coalesce(new.expires_at, 'infinity') > coalesce(parent.expires_at, 'infinity') then
        raise exception 'a token made from token % may not do more than that one', parent.id
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end
$$;

create trigger narrows before insert on access.token
    for each row when (new.parent is not null) execute function access.check_narrowing();

-- Who a secret or a certificate of one of these names belongs to, if it may be used now: of several the newest. No row for
-- any other, without saying why.
create function access.find_token(token bytea, names text[]) returns table (
    id bigint, name text, role text, parks text[], scopes text[], networks text[], expires_at timestamptz,
    seconds_left float8
)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select
        id, name, role, parks, scopes, networks::text[], expires_at,
        extract(epoch from expires_at - clock_timestamp())::float8
    from access.token known
    where (known.hash = sha256(token) and known.certificate is null or known.certificate = any (names))
        and access.is_valid(known)
    order by id desc
    limit 1
$$;

-- A token that may be used now.
create function access.valid_token(id bigint) returns setof access.token
language sql stable security definer set search_path = pg_catalog, pg_temp rows 1 as $$
    select * from access.token known where known.id = valid_token.id and access.is_valid(known)
$$;

-- Has the rest of the transaction act for the holder of a token, with the role and the parks that the table gives it now;
-- with null, for nobody in particular. Refused for a token that is no longer valid. Not a definer's function: such a one
-- may not change the role.
create function access.assume(token bigint, request_id text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    holder access.token;
begin
    perform set_config('amenity.request_id', coalesce(assume.request_id, ''), true);
    if assume.token is null then
        return;
    end if;
    select * into holder from access.valid_token(assume.token);
    if holder.id is null then
        raise exception 'the token is not valid' using errcode = 'invalid_authorization_specification';
    end if;
    perform
        set_config('amenity.actor', holder.name, true),
        set_config('amenity.token', holder.id::text, true),
        set_config('amenity.parks', array_to_string(holder.parks, ','), true),
        set_config('role', 'amenity_' || holder.role, true);
end
$$;

-- The parks that the transaction is limited to; null where it is to none.
create function access.parks() returns text[]
language sql stable parallel safe as $$
    select string_to_array(nullif(current_setting('amenity.parks', true), ''), ',')
$$;

-- The audit log ------------------------------------------------------------------------------------------------------

-- One row for each act that matters to security and each change by a caller. Each row's hash is made from the one before
-- and from what the row says, so that nothing can be changed or taken out without all that follows showing it; whoever has
-- written down the newest number and hash can also tell that the end was cut off.
create table access.audit (
    number bigint primary key check (number > 0),
    at timestamptz not null,
    actor text not null,
    role text not null,
    token bigint,
    act text not null check (act <> ''),
    -- What was acted upon, such as `request 0b9c...`.
    object text,
    request_id text,
    -- SHA-256 of the row before and after, as JSON.
    before bytea,
    after bytea,
    hash bytea not null
);

-- One row: the end of the chain.
create table access.audit_head (
    one boolean primary key default true check (one),
    number bigint not null default 0,
    hash bytea not null default '\x'
) with (fillfactor = 20);
insert into access.audit_head default values;

-- The hash of an entry that follows one with this hash.
create function access.audit_hash(previous bytea, entry access.audit) returns bytea
language sql stable as $$
    select sha256(previous || convert_to(jsonb_build_array(
        entry.number, (extract(epoch from entry.at) * 1000000)::bigint, entry.actor, entry.role, entry.token, entry.act,
        entry.object, entry.request_id, encode(entry.before, 'hex'), encode(entry.after, 'hex')
    )::text, 'UTF8'))
$$;

-- What is hashed of a row.
create function access.digest(row_image anyelement) returns bytea
language sql stable as $$ select sha256(convert_to(to_jsonb(row_image)::text, 'UTF8')) $$;

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

-- Leaves an entry for the log.
create function access.note(act text, object text, before bytea default null, after bytea default null)
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

-- Logs a change of a row. As a deferred trigger it comes last in its transaction by itself. Its arguments are what the row
-- is called and the name of the column that tells one from another.
create function access.note_change() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    image jsonb := case when tg_op = 'DELETE' then to_jsonb(old) else to_jsonb(new) end;
begin
    perform access.note(
        tg_argv[0] || case tg_op when 'INSERT' then '.create' when 'DELETE' then '.delete' else '.update' end,
        tg_argv[0] || ' ' || (image ->> tg_argv[1]),
        case when tg_op <> 'INSERT' then access.digest(old) end,
        case when tg_op <> 'DELETE' then access.digest(new) end
    );
    return null;
end
$$;

create constraint trigger audited after insert or update or delete on access.token
    deferrable initially deferred for each row execute function access.note_change('token', 'id');
-- What workers add to them later is no caller's act.
create constraint trigger audited after insert or delete on intake.request
    deferrable initially deferred for each row execute function access.note_change('request', 'id');
create constraint trigger audited after insert or delete on intake.feedback
    deferrable initially deferred for each row execute function access.note_change('feedback', 'id');
create constraint trigger audited after insert or update or delete on queue.pause
    deferrable initially deferred for each row execute function access.note_change('pause', 'name');
-- A cap's tokens change with every claim.
create constraint trigger audited after insert or delete on queue.cap
    deferrable initially deferred for each row execute function access.note_change('cap', 'name');

-- Logs that somebody's connection speaks for a token from now on.
create function access.note_login() returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
    select access.note('auth.login', 'token ' || current_setting('amenity.token'))
$$;

-- Logs that a token was refused, and why: the caller isn't told.
create function access.note_refusal(token bytea, address text) returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
    select access.note(
        'auth.refused',
        coalesce(
            (
                select format(
                    'token %s: %s', id,
                    case
                        when revoked_at is not null then 'revoked'
                        when access.is_valid(known) then 'used from ' || coalesce(note_refusal.address, 'no address')
                        else 'expired'
                    end
                )
                from access.token known where known.hash = sha256(note_refusal.token)
            ),
            'unknown token'
        )
    )
$$;

-- Nobody changes what is written, not even the owner; who takes the trigger away leaves a chain that shows it.
create function access.refuse_change() returns trigger
language plpgsql as $$
begin
    raise exception 'the audit log is only ever appended to' using errcode = 'insufficient_privilege';
end
$$;
create trigger append_only before update or delete or truncate on access.audit
    for each statement execute function access.refuse_change();
create trigger not_changed before update or truncate on access.audit_unsealed
    for each statement execute function access.refuse_change();
