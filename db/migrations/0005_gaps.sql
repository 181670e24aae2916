-- What the gap reports count with.

create table gaps.residents (
    park text not null references catalog.park,
    nationality text not null check (nationality ~ '^[A-Z]{2}$'),
    low integer check (low >= 0),
    value integer not null check (value >= 0),
    high integer check (high >= value),
    as_of text,
    -- The area that was counted, which may be wider than the park.
    basis text not null check (basis in ('park', 'county', 'prefecture')),
    source text not null references catalog.source,
    confidence text not null check (confidence in ('high', 'medium', 'low')),
    note text,
    primary key (park, nationality)
);
