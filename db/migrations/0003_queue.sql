-- The job queue. It knows nothing of amenities; other programs may rely on queue.enqueue, the view queue.job and
-- queue.probe_effect only.

create sequence queue.job_id;
-- The fencing token. A sequence, since unlike a counter in a row it never goes back, not even with a rollback.
create sequence queue.lease_token;

-- Jobs that wait or run, and nothing else: finished rows leave at once, so that the claim never walks past them.
create table queue.live (
    id bigint primary key default nextval('queue.job_id'),
    kind text not null check (kind <> ''),
    park text,
    -- Lower first.
    priority smallint not null default 100,
    run_at timestamptz not null default clock_timestamp(),
    payload jsonb not null,
    unique_key text,
    -- How often a handler said no, and how often its process vanished: two different troubles.
    attempt smallint not null default 0,
    crashes smallint not null default 0,
    -- Set while claimed: only the holder of this token may end the job.
    lease bigint,
    worker bigint,
    started_at timestamptz,
    -- When the job counts as hung, however alive its worker is.
    deadline timestamptz,
    last_error text,
    enqueued_at timestamptz not null default clock_timestamp(),
    -- Whether the job was put aside for a paused park; see queue.pause.
    held boolean not null default false,
    check ((lease is null) = (worker is null)),
    check ((lease is null) = (deadline is null)),
    check (lease is null or not held)
) with (
    fillfactor = 80,
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_cost_delay = 0
);

create index live_claimable on queue.live (kind, priority, run_at, id)
    where lease is null and crashes = 0 and not held;
-- Jobs whose process vanished run alone, so that a poisonous one takes no neighbours with it.
create index live_suspect on queue.live (kind, priority, run_at, id)
    where lease is null and crashes > 0 and not held;
create index live_leased on queue.live (worker) where lease is not null;
-- Where a resumed park's jobs come back from, in the order in which they will be claimed.
create index live_held on queue.live (park, priority, run_at, id) where held;

-- The kinds and parks whose jobs are not to be claimed. A row here is all that counts: claims leave such jobs alone
-- from the moment it commits, wherever the jobs came from.
--
-- The claim never walks past the jobs of a paused kind, since its index begins with the kind. For a paused park they
-- are put aside besides (queue.live.held), batch by batch, which takes them out of that index; jobs enqueued
-- meanwhile are put aside at once, and workers look every second for those that slipped through, such as jobs of a
-- transaction that was under way. Neither is needed for a claim to be right, only for it to be fast.
--
-- Figures, for a claim of four with 100,000 due jobs of a paused park in front: walking past them touches 2,100 pages
-- and takes 16 ms, each time; once they are put aside it is 80 pages and 0.5 ms, as without any pause, after a vacuum
-- (570 pages and 2.5 ms until then, which autovacuum ends within a minute; under a snapshot that is held open it
-- stays at the walk's cost). Putting aside and giving back cost about 6 microseconds a job. An index with the park
-- before the priority would need neither, but then each claim begins with a descent for every park, paused or not.
create table queue.pause (
    scope text not null check (scope in ('kind', 'park')),
    name text not null check (name <> ''),
    since timestamptz not null default clock_timestamp(),
    paused_by text not null default session_user,
    reason text,
    primary key (scope, name)
);

-- Always empty. Each claim locks it in share mode before its snapshot is taken; whoever pauses locks it exclusively,
-- and so waits for the claims under way and makes later ones wait until they see the pause: when a pause has
-- returned, nothing more of the kind or park begins. A table of its own, since queue.pause is also read by long
-- transactions.
create table queue.gate ();

create table queue.outcome (
    id bigint primary key,
    kind text not null,
    park text,
    state text not null check (state in ('done', 'dead', 'cancelled')),
    priority smallint not null,
    attempt smallint not null,
    crashes smallint not null,
    unique_key text,
    enqueued_at timestamptz not null,
    run_at timestamptz not null,
    started_at timestamptz,
    finished_at timestamptz not null default clock_timestamp(),
    worker bigint,
    lease bigint,
    last_error text,
    payload jsonb not null,
    result jsonb
);

-- Apart from the jobs, since a key outlives its job by a window.
create table queue.unique_key (
    key text primary key,
    job bigint not null,
    -- Null while the job lives.
    keep_until timestamptz
);

-- One row a process. Its session also holds advisory lock (7411, id): a free lock is a dead process.
create table queue.worker (
    id bigint generated always as identity primary key,
    program text not null,
    host text not null,
    pid integer not null,
    started_at timestamptz not null default clock_timestamp(),
    seen_at timestamptz not null default clock_timestamp()
) with (fillfactor = 50);

-- The visible effect of the `probe` kind. It has no unique key: a doubled effect would show.
create table queue.probe_effect (
    job bigint not null,
    attempt integer not null,
    worker text not null,
    at timestamptz not null default clock_timestamp()
);

-- Puts a job into the queue as part of the caller's transaction.
--
-- A key that is taken returns the job that holds it. Where that job is not committed yet, this waits for the outcome:
-- if it is rolled back, ours takes the key, so that never both are lost.
create function queue.enqueue(
    kind text,
    payload jsonb,
    park text default null,
    unique_key text default null,
    run_at timestamptz default null,
    priority smallint default 100
) returns table (id bigint, duplicate boolean)
language plpgsql as $$
#variable_conflict use_column
declare
    new_id bigint := nextval('queue.job_id');
    holder bigint;
begin
    if unique_key is not null then
        loop
            insert into queue.unique_key as taken (key, job)
            values (enqueue.unique_key, new_id)
            on conflict (key) do update set job = excluded.job, keep_until = null
                where taken.keep_until < clock_timestamp()
            returning taken.job into holder;
            exit when holder is not null;
            select taken.job into holder from queue.unique_key taken where taken.key = enqueue.unique_key;
            if holder is not null then
                return query select holder, true;
                return;
            end if;
            -- The holder vanished between the two statements: try again.
        end loop;
    end if;
    insert into queue.live (id, kind, payload, park, unique_key, run_at, priority, held)
    values (
        new_id, enqueue.kind, enqueue.payload, enqueue.park, enqueue.unique_key,
        coalesce(enqueue.run_at, clock_timestamp()), coalesce(enqueue.priority, 100::smallint),
        enqueue.park is not null
            and exists (select from queue.pause where scope = 'park' and name = enqueue.park)
    );
    return query select new_id, false;
end
$$;

create view queue.job as
select
    live.id, live.kind, live.park,
    case
        when live.lease is not null then 'running'
        when live.run_at <= clock_timestamp() then 'ready'
        when live.attempt > 0 then 'failed'
        else 'scheduled'
    end as state,
    live.priority, live.attempt, live.crashes, live.unique_key, live.enqueued_at, live.run_at, live.started_at,
    null::timestamptz as finished_at, live.worker::text, live.lease, live.last_error, live.payload,
    null::jsonb as result
from queue.live
union all
select
    id, kind, park, state, priority, attempt, crashes, unique_key, enqueued_at, run_at, started_at, finished_at,
    worker::text, lease, last_error, payload, result
from queue.outcome;

-- Why a job of this kind and park is not claimed although it is due; null where nothing is paused.
create function queue.pause_reason(kind text, park text) returns text
language sql stable as $$
    select string_agg(
        format(
            'the %s %s is paused since %s by %s%s', scope, name,
            to_char(since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), paused_by, ': ' || reason
        ),
        '; ' order by scope
    )
    from queue.pause
    where (scope, name) in (('kind', pause_reason.kind), ('park', pause_reason.park))
$$;
