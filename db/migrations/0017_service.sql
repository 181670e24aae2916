-- What the service itself remembers: answers to writes that may be sent again, and the keys that seal cursors.
--
-- Nobody but the owner touches the tables. The service calls functions that run with their owner's rights, since a write's
-- transaction acts for its caller, whose role should see nothing of other callers.

create schema service;

-- What a write answered, kept in the write's own transaction.
create table service.idempotency (
    -- SHA-256 of who called and the key that they chose.
    key bytea primary key,
    method text not null,
    -- SHA-256 of the params.
    params bytea not null,
    -- The result; null only within the write's transaction.
    answer json,
    expires_at timestamptz not null
);

create index idempotency_by_expiry on service.idempotency (expires_at);

-- The newest seals; older ones still open what they sealed.
create table service.sealing_key (
    id smallint generated always as identity primary key,
    key bytea not null check (octet_length(key) = 32),
    created_at timestamptz not null default clock_timestamp()
);

-- 32 bytes of which nobody can guess one: two random UUIDs have 244 random bits.
create function service.random_key() returns bytea language sql volatile as $$
select sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
$$;

insert into service.sealing_key (key) values (service.random_key());

-- Takes an idempotency key unless it is taken, after the end of any transaction that holds it.
create function service.claim_key(wanted bytea, method text, params bytea) returns boolean
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
with claimed as (
    insert into service.idempotency as kept (key, method, params, expires_at)
    values (wanted, claim_key.method, claim_key.params, clock_timestamp() + interval '24 hours')
    on conflict (key) do update
    set method = excluded.method, params = excluded.params, answer = null, expires_at = excluded.expires_at
    where kept.expires_at <= clock_timestamp()
    returning key
)
select exists (select from claimed)
$$;

-- What was answered under an idempotency key, and whether to the same call.
create function service.find_key(wanted bytea, method text, params bytea)
returns table (is_same_call boolean, answer json)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
select kept.method = find_key.method and kept.params = find_key.params, kept.answer
from service.idempotency kept
where kept.key = wanted and kept.answer is not null
$$;

-- Keeps what a write answered under the key that its transaction has taken.
create function service.keep_answer(taken bytea, answer json) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
update service.idempotency set answer = keep_answer.answer where key = taken and idempotency.answer is null
$$;

-- Deletes idempotency keys that have expired, so many at a time, and says how many.
create function service.prune_idempotency(most integer) returns bigint
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
with gone as (
    delete from service.idempotency
    where key in (
        select key from service.idempotency where expires_at <= clock_timestamp()
        order by expires_at limit most for update skip locked
    )
    returning key
)
select count(*) from gone
$$;

-- The keys that cursors are sealed with, the newest first.
create function service.sealing_keys() returns table (id smallint, key bytea)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
select id, key from service.sealing_key order by id desc
$$;

-- Makes a new key when the newest is older than a lifetime, and drops those that were replaced longer ago than the overlap.
create function service.rotate_sealing_keys(lifetime interval, overlap interval, out made bigint, out dropped bigint)
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
with made as (
    insert into service.sealing_key (key)
    select service.random_key()
    where not exists (select from service.sealing_key where created_at > clock_timestamp() - lifetime)
    returning id
),
dropped as (
    delete from service.sealing_key old
    where exists (
        select from service.sealing_key newer
        where newer.id > old.id and newer.created_at < clock_timestamp() - overlap
    )
    returning id
)
select (select count(*) from made), (select count(*) from dropped)
$$;

select access.guard('service.idempotency');
select access.guard('service.sealing_key');

grant usage on schema service to amenity_anonymous;
revoke all on all functions in schema service from public;
grant execute on function service.claim_key(bytea, text, bytea), service.find_key(bytea, text, bytea),
    service.keep_answer(bytea, json), service.sealing_keys(), service.rotate_sealing_keys(interval, interval)
    to amenity_anonymous;
grant execute on function service.prune_idempotency(integer) to amenity_worker;
