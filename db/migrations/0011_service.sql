-- What the service itself remembers: answers to writes that may be sent again, and the keys that seal cursors.

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
