-- The job queue's tables. It knows nothing of amenities; other programs may rely on queue.enqueue, the view queue.job
-- and queue.probe_effect only. What is done with the tables stands in 0008_queue_functions.sql.

create sequence queue.job_id;
-- The fencing token. A sequence, since unlike a counter in a row it never goes back, not even with a rollback.
create sequence queue.lease_token;

-- The queue's clock, which is the database's and nobody else's. Not now(), which stands still in a long transaction. A
-- function of its own, so that a test can set the clock.
create function queue.now() returns timestamptz language sql volatile as $$ select clock_timestamp() $$;
-- Read by nobody until a test has put another function in its place; see use_fake_clock.
create table queue.fake_clock (
    one boolean primary key default true check (one),
    shift interval not null default '0',
    frozen_at timestamptz
);

-- Where a job stands among those of its kind and park: a point of priority is worth ten seconds of waiting. So a job
-- that matters more goes first, and one that matters less goes once it has waited for the difference, however many of
-- the others keep coming; and since it is fixed when the job is enqueued, an index can keep it.
-- Who sets run_at or priority of a job that waits sets its rank too. A generated column would see to that, but takes a
-- quarter of an insertion's time, as it is prepared anew for each statement.
create function queue.rank(run_at timestamptz, priority smallint) returns timestamptz
language sql stable as $$ select run_at + priority * interval '10 seconds' $$;

-- Jobs that wait or run, and nothing else: finished rows leave at once, so that the claim never walks past them.
--
-- In generations. As long as somebody's transaction keeps an old snapshot, vacuum can't remove what finished jobs leave
-- behind, and every claim would walk past ever more of it. But a table that holds no job any more can be truncated all
-- the same. So when the current generation has collected much that can't be removed, new jobs go to the next one, the
-- old one is worked off, and then emptied; see queue.rotate.
--
-- What is of one width and never null stands first, and texts last: so most of a row is read without walking along it.
create table queue.live (
    id bigint not null default nextval('queue.job_id'),
    run_at timestamptz not null default queue.now(),
    rank timestamptz not null default queue.rank(queue.now(), 100::smallint),
    enqueued_at timestamptz not null default queue.now(),
    generation smallint not null default 0,
    -- Lower first.
    priority smallint not null default 100,
    attempt smallint not null default 0,
    -- How often its process vanished, apart from attempts, how often its handler said no: two different troubles.
    crashes smallint not null default 0,
    -- Whether run_at was still to come when it was set. Such jobs are in no index that claims use until queue.claim finds
    -- that their time has come.
    later boolean not null default false,
    -- Whether somebody asked the job to stop while it runs.
    cancelling boolean not null default false,
    -- Set while claimed, as are worker and deadline: only the holder of this token may end the job.
    lease bigint,
    worker bigint,
    started_at timestamptz,
    -- When the job counts as hung, however alive its worker is.
    deadline timestamptz,
    kind text not null,
    -- Empty for none. Jobs are claimed fairly among the parks of a kind.
    park text not null default '',
    payload jsonb not null,
    unique_key text,
    last_error text,
    -- What had the job put in: the id of the service's call, which stands in the logs of both.
    origin text,
    -- No checks, which take a quarter of an insertion's time too: only the functions of 0008 write here.
    primary key (id, generation)
) partition by list (generation);

-- Pages stay half empty, so that the claimed version of a row fits beside the first: as nothing that a claim sets stands
-- in an index, it then takes no entry in any (a HOT update).
create table queue.live_0 partition of queue.live for values in (0)
    with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
        autovacuum_vacuum_cost_delay = 0);
create table queue.live_1 partition of queue.live for values in (1)
    with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
        autovacuum_vacuum_cost_delay = 0);
create table queue.live_2 partition of queue.live for values in (2)
    with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
        autovacuum_vacuum_cost_delay = 0);

-- Jobs that run stay in it: claims walk past them, which are few, and save two entries a job. Without the id: jobs of one
-- rank, such as those of one statement, come as they were put in all the same, and share an entry.
create index live_claimable on queue.live (kind, park, rank) where crashes = 0 and not later;
-- Jobs whose process vanished run alone, so that a poisonous one takes no neighbours with it.
create index live_suspect on queue.live (kind, rank, id) where crashes > 0 and not later;
create index live_later on queue.live (run_at) where later;
create index live_cancelling on queue.live (id) where cancelling;

-- One row a claim and generation: which jobs were given out under the token. So running jobs are found without an index
-- that each of them would have to be put into. A row may outlive its jobs for a while, until its worker's next claim; what
-- counts is whether queue.live still has a job under the token. See queue.running.
create table queue.lease (
    token bigint not null,
    generation smallint not null,
    worker bigint not null,
    jobs bigint[] not null,
    -- No job of it is past its deadline before then.
    until timestamptz not null,
    primary key (token, generation)
) with (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0,
    toast_tuple_target = 8160
);
-- Hundreds of numbers of eight bytes, which would be compressed for the few moments that the row lives.
alter table queue.lease alter column jobs set storage external;

-- One row: the generation that new jobs go to.
create table queue.rotation (
    one boolean primary key default true check (one),
    current smallint not null default 0,
    rotated_at timestamptz
);
insert into queue.rotation default values;

-- The kinds and parks whose jobs are not to be claimed. A row here is all that counts: claims leave such jobs alone
-- from the moment it commits, wherever the jobs came from, and never walk past them, since their index begins with the
-- kind and the park.
create table queue.pause (
    scope text not null check (scope in ('kind', 'park')),
    name text not null check (name <> ''),
    since timestamptz not null default clock_timestamp(),
    paused_by text not null default session_user,
    reason text,
    primary key (scope, name)
);

-- How many jobs of a kind or park may run at once, and how many of a kind or park may start per second. A claim that
-- takes such jobs holds the row's lock until it commits and counts what runs after it has the lock; so the caps are
-- exact, and there is no count that could go wrong.
create table queue.cap (
    scope text not null check (scope in ('kind', 'park')),
    name text not null check (name <> ''),
    running integer check (running > 0),
    -- Starts a second, on average, and how many may come at once after a quiet time: a token bucket.
    rate double precision check (rate > 0 and rate < 'infinity'),
    burst integer not null default 1 check (burst > 0),
    tokens double precision not null default 0,
    filled_at timestamptz not null default clock_timestamp(),
    primary key (scope, name),
    check (running is not null or rate is not null)
);

-- Always empty. Each claim locks it in share mode before it looks at pauses and caps; whoever changes those locks it
-- exclusively, and so waits for the claims under way and makes later ones wait until they see the change: when a pause
-- has returned, nothing more of the kind or park begins. A table of its own, since queue.pause is also read by long
-- transactions.
create table queue.gate ();

-- What became of the jobs that left queue.live.
create table queue.outcome (
    id bigint not null,
    kind text not null,
    -- Empty for none.
    park text not null default '',
    state text not null check (state in ('done', 'dead', 'cancelled')),
    priority smallint not null,
    attempt smallint not null,
    crashes smallint not null,
    enqueued_at timestamptz not null,
    run_at timestamptz not null,
    started_at timestamptz,
    finished_at timestamptz not null default clock_timestamp(),
    worker bigint,
    lease bigint,
    payload jsonb not null,
    unique_key text,
    last_error text,
    origin text,
    result jsonb
) partition by list (state);
create index outcome_id on queue.outcome (id);

-- Kept until somebody retries or discards them.
create table queue.dead partition of queue.outcome for values in ('dead');
-- A partition a day, so that old ones can be dropped instead of deleted; see queue.keep_days.
create table queue.ended partition of queue.outcome for values in ('done', 'cancelled') partition by range (finished_at);
-- For what ends when no worker has looked after the partitions for days.
create table queue.ended_other partition of queue.ended default;

-- Apart from the jobs, since a key outlives its job by a window.
create table queue.unique_key (
    key text primary key,
    job bigint not null,
    -- How long after the job's end the key still stands for it.
    keep interval not null default '24 hours',
    -- Null while the job lives.
    keep_until timestamptz
) with (fillfactor = 80);

-- One row a process. Its session also holds advisory lock (7411, id): a free lock is a dead process, unless it does without
-- one since its sessions last no longer than a transaction.
create table queue.worker (
    id bigint generated always as identity primary key,
    program text not null,
    host text not null,
    pid integer not null,
    started_at timestamptz not null default clock_timestamp(),
    seen_at timestamptz not null default clock_timestamp(),
    kinds text[] not null default '{}',
    -- Jobs at the same time.
    concurrency integer not null default 1,
    -- Jobs it ended a second, lately: what jobs.get's expected start goes by.
    pace real not null default 0,
    -- Jobs it has done and attempts that have failed, since the process began: their differences are rates.
    done bigint not null default 0,
    failed bigint not null default 0,
    poll_only boolean not null default false
) with (fillfactor = 50);

-- The visible effect of the `probe` kind. It has no unique key: a doubled effect would show.
create table queue.probe_effect (
    job bigint not null,
    attempt integer not null,
    worker text not null,
    at timestamptz not null default clock_timestamp()
);

-- The state of a job that waits or runs.
create function queue.live_state(lease bigint, run_at timestamptz, attempt smallint, moment timestamptz) returns text
language sql immutable as $$
    select case
        when lease is not null then 'running'
        when run_at <= moment then 'ready'
        when attempt > 0 then 'failed'
        else 'scheduled'
    end
$$;

create view queue.job as
select
    live.id, live.kind, nullif(live.park, '') as park,
    queue.live_state(live.lease, live.run_at, live.attempt, queue.now()) as state,
    live.priority, live.attempt, live.crashes, live.unique_key, live.enqueued_at, live.run_at, live.started_at,
    null::timestamptz as finished_at, live.worker::text, live.lease, live.last_error, live.payload,
    null::jsonb as result
from queue.live
union all
select
    id, kind, nullif(park, ''), state, priority, attempt, crashes, unique_key, enqueued_at, run_at, started_at,
    finished_at, worker::text, lease, last_error, payload, result
from queue.outcome;
