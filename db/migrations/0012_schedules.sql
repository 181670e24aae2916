-- Jobs that are to be put into the queue again and again, on lines of cron.
--
-- Every worker process looks for entries that are due; no leader is needed. Whoever finds one locks its row, puts the
-- jobs of its due times into the queue, records them and moves the row on, all in one transaction: others pass over a
-- locked row, and if the process dies nothing of it has happened.

create table queue.schedule (
    name text primary key check (name ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
    cron text not null,
    -- A name of pg_timezone_names.
    zone text not null,
    kind text not null check (kind <> ''),
    -- The jobs' payload; each gets a member `_schedule` with the entry's name and its due time besides.
    payload jsonb not null default '{}' check (jsonb_typeof(payload) = 'object'),
    park text check (park <> ''),
    priority smallint not null default 100,
    -- How many of the due times that were missed while nobody worked are made up for, the latest ones. 0: none, but
    -- for one that is less than a minute late.
    backfill integer not null default 1 check (backfill between 0 and 1000),
    -- Since when it is paused. Due times that pass meanwhile are not made up for.
    paused_at timestamptz,
    -- Every due time up to here has been fired or given up. It goes forward even where nothing was due, at least once a
    -- day, so that changed rules of a time zone are noticed.
    decided_until timestamptz not null,
    -- The first due time after that, by the rules known then.
    next_due_at timestamptz not null,
    -- The latest due time that was fired.
    last_due_at timestamptz,
    -- Why it could not be fired, such as a zone that the database no longer knows, and when that was; null once it could.
    trouble text,
    troubled_at timestamptz,
    check ((trouble is null) = (troubled_at is null))
) with (fillfactor = 50);

-- The due times that were fired, for 30 days: each once, whatever becomes of the row above or of the clock.
create table queue.schedule_firing (
    schedule text not null references queue.schedule on delete cascade,
    due_at timestamptz not null,
    job bigint not null,
    fired_at timestamptz not null default queue.now(),
    primary key (schedule, due_at)
);

-- The entries that programs have brought along, once each: what an operator changes or removes stays so.
create table queue.schedule_default (
    name text primary key,
    registered_at timestamptz not null default queue.now()
);

-- When an entry must be looked at; null while it is paused. One that was decided far into the future comes from a clock
-- that has been set right since, and would otherwise sleep until then; one in trouble is tried again every minute.
create function queue.look_at(entry queue.schedule) returns timestamptz
language sql stable as $$
    select case
        when entry.paused_at is not null then null
        else greatest(
            case when entry.decided_until > queue.now() + interval '1 day' then queue.now()
                else least(entry.next_due_at, entry.decided_until + interval '1 day') end,
            entry.troubled_at + interval '1 minute'
        )
    end
$$;
