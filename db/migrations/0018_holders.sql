-- A token may be good from some networks only, and its holder may show a client certificate instead of a secret.

alter table access.token
    -- From where alone it may be used; null for anywhere. The service looks, who knows the caller's address.
    add column networks cidr[] check (cardinality(networks) > 0),
    -- A subject's alternative name of the certificate that its holder shows, such as `DNS:desk.example`; null for a secret.
    add column certificate text check (certificate ~ '^(DNS|URI|email):.');

create index token_by_certificate on access.token (certificate) where certificate is not null;

-- A token made from another may do no more than that one, and from nowhere else.
create or replace function access.check_narrowing() returns trigger
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

-- Who a secret or a certificate of one of these names belongs to, if it may be used now: of several the newest. No row for
-- any other, without saying why.
drop function access.find_token(bytea);
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

-- Logs that a token was refused, and why: the caller isn't told.
drop function access.note_refusal(bytea);
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

do $$
declare
    made regprocedure;
begin
    foreach made in array array['access.find_token(bytea, text[])', 'access.note_refusal(bytea, text)']::regprocedure[]
    loop
        execute format('revoke all on function %s from public', made);
        execute format('grant execute on function %s to amenity_anonymous', made);
    end loop;
end
$$;
