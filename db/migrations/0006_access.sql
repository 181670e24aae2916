-- Who may do what. A token is stored as its hash only.

create table access.token (
    id bigint generated always as identity primary key,
    hash bytea not null unique,
    name text not null,
    role text not null check (role in ('investor', 'staff', 'analyst', 'admin')),
    parks text[] not null default '{}',
    created_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz,
    revoked_at timestamptz
);
