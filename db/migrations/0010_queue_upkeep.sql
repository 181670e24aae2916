-- The dead are noticed, operators are obeyed, and the tables are kept small.

-- Liveness -----------------------------------------------------------------------------------------------------------

-- When the server began to run. A function of its own, so that a test can set it.
create function queue.server_start() returns timestamptz language sql stable as $$ select pg_postmaster_start_time() $$;

-- The workers that are dead: their session's lock is free and stayed so for patience, or they were not heard of for silence.
-- A live process that lost its session, as all do when the server restarts, has a moment to take its lock again.
create function queue.lost_workers(silence interval, patience interval) returns bigint[]
language plpgsql
as $$
declare
    moment timestamptz := queue.now();
begin
    return array(
        select worker.id from queue.worker
        where case
            when worker.seen_at < moment - silence then true
            when worker.seen_at > moment - patience then false
            when worker.poll_only then false
            when queue.server_start() > clock_timestamp() - interval '5 seconds' then false
            else pg_try_advisory_xact_lock(7411, worker.id::integer)
        end
    );
end
$$;

-- Says that a process is alive, at what pace it works and what it has done so far, and looks round for it: at the jobs it
-- runs that are to stop, whether there are dead workers, whether jobs of the kinds it handles wait to be run alone, and
-- whether any of the kinds it looks for could be claimed. All in one, for it is all that idle processes do. No row: others
-- have taken it for dead.
create function queue.beat(
    worker bigint, pace real, done bigint, failed bigint,
    silence interval, patience interval, handled text[], sought text[]
) returns table (cancelling bigint[], others_lost boolean, suspects_wait boolean, is_due boolean)
language plpgsql
as $$
#variable_conflict use_column
declare
    moment timestamptz := queue.now();
    paused text[] := array(select pause.name from queue.pause where pause.scope = 'kind');
begin
    update queue.worker
    set seen_at = moment, pace = beat.pace, done = beat.done, failed = beat.failed
    where worker.id = beat.worker;
    if not found then
        return;
    end if;
    return query select
        array(select live.id from queue.live where live.cancelling and live.worker = beat.worker),
        cardinality(queue.lost_workers(silence, patience)) > 0,
        -- In the order of the indexes that claims use, for these are to be read and no others.
        exists (
            select from unnest(handled) as open (kind)
            cross join lateral (
                select from queue.live
                where live.lease is null and live.crashes > 0 and not live.later and live.kind = open.kind
                    and live.park <> all (array(select pause.name from queue.pause where pause.scope = 'park'))
                order by live.rank, live.id
                limit 1
            ) as head
            where open.kind <> all (paused)
        ),
        cardinality(sought) > 0 and (
            exists (select from queue.live where live.later and live.run_at <= moment)
            or exists (
                select from unnest(sought) as open (kind)
                cross join lateral (
                    select from queue.live
                    where live.lease is null and live.crashes = 0 and not live.later and live.kind = open.kind
                    order by live.park, live.rank
                    limit 1
                ) as head
                where open.kind <> all (paused)
            )
        );
end
$$;

-- Frees the jobs of dead workers and jobs past their deadline. After most_crashes a job is dead. Safe when wrong: the old
-- lease can no longer finish anything.
-- Only a thorough look sees deadlines and jobs of workers that are not even known: it reads all that runs and, as long as
-- somebody holds a snapshot, all that ran.
create function queue.rescue(
    silence interval, patience interval, most_crashes integer, is_thorough boolean,
    out freed integer, out quarantined integer
)
language plpgsql
as $$
#variable_conflict use_column
declare
    moment timestamptz := queue.now();
    lost bigint[] := queue.lost_workers(silence, patience);
    orphan queue.live;
begin
    freed := 0;
    quarantined := 0;
    for orphan in
        select live.*
        from queue.lease cross join lateral unnest(lease.jobs) as held (id)
        join queue.live on live.generation = lease.generation and live.id = held.id and live.lease = lease.token
        where (is_thorough or cardinality(lost) > 0)
            and (
                lease.worker = any (lost)
                or is_thorough and (
                    lease.until < moment and live.deadline < moment
                    or not exists (select from queue.worker where worker.id = lease.worker)
                )
            )
        limit 1000
        -- A job whose final transaction is open is left alone: it is about to end well.
        for update of live skip locked
    loop
        orphan.crashes := orphan.crashes + 1;
        if orphan.cancelling then
            perform queue.bury(orphan, 'cancelled', 'cancelled while it ran');
            freed := freed + 1;
        elsif orphan.crashes >= most_crashes then
            perform queue.bury(orphan, 'dead', format('quarantined: its process vanished %s times', orphan.crashes));
            quarantined := quarantined + 1;
        else
            update queue.live
            set lease = null, worker = null, deadline = null, crashes = orphan.crashes,
                last_error = 'the worker vanished or the job ran past its deadline'
            where live.generation = orphan.generation and live.id = orphan.id;
            freed := freed + 1;
        end if;
    end loop;
    -- What a living worker has ended it forgets itself.
    delete from queue.lease
    where (is_thorough or cardinality(lost) > 0)
        and (lease.worker = any (lost) or not exists (select from queue.worker where worker.id = lease.worker))
        and not exists (
            select from unnest(lease.jobs) as held (id)
            join queue.live on live.generation = lease.generation and live.id = held.id and live.lease = lease.token
        );
    delete from queue.worker
    where worker.id = any (lost) and not exists (select from queue.lease where lease.worker = worker.id);
end
$$;

-- Gives running jobs that stand in no lease, which should never be, a lease in which those who rescue find them; returns
-- how many there were. It reads all that waits, so once an hour is enough.
create function queue.adopt() returns bigint
language plpgsql as $$
declare
    adopted bigint;
begin
    with orphan as (
        select live.generation, live.lease, live.worker, array_agg(live.id) as jobs, min(live.deadline) as until
        from queue.live
        where live.lease is not null
            and not exists (
                select from queue.lease
                where lease.token = live.lease and lease.generation = live.generation and live.id = any (lease.jobs)
            )
        group by live.generation, live.lease, live.worker
    ),
    found as (
        insert into queue.lease as known (token, generation, worker, jobs, until)
        select orphan.lease, orphan.generation, orphan.worker, orphan.jobs, orphan.until from orphan
        on conflict (token, generation) do update set jobs = known.jobs || excluded.jobs
    )
    select coalesce(sum(cardinality(orphan.jobs)), 0) into adopted from orphan;
    return adopted;
end
$$;

-- Operating ----------------------------------------------------------------------------------------------------------

-- Cancels a job: at once if it waits; if it runs, its worker is told and ends it. Tells the state it was found in, null
-- where there is no such job, and whether that changed anything.
create function queue.cancel(job bigint, out state text, out changed boolean)
language plpgsql as $$
#variable_conflict use_column
declare
    found_job queue.live;
begin
    select shown.state into state from queue.job shown where shown.id = cancel.job;
    changed := false;
    -- A running job that is just ending is waited for.
    select live.* into found_job from queue.live where live.id = cancel.job for update;
    if found_job.id is null then
        select outcome.state into state from queue.outcome where outcome.id = cancel.job;
    elsif found_job.lease is null then
        perform queue.bury(found_job, 'cancelled', coalesce(found_job.last_error, 'cancelled before it ran'));
        changed := true;
    elsif not found_job.cancelling then
        update queue.live set cancelling = true
        where live.generation = found_job.generation and live.id = found_job.id;
        state := 'running';
        changed := true;
    end if;
end
$$;

-- Makes a waiting job due at once, or a dead or cancelled one wait anew with a clean count. Tells the state it was found
-- in, null where there is no such job; changed is false where that state, or a key that another job holds by now, forbids
-- it.
create function queue.retry(job bigint, out state text, out changed boolean)
language plpgsql as $$
#variable_conflict use_column
declare
    moment timestamptz := queue.now();
    buried queue.outcome;
begin
    select shown.state into state from queue.job shown where shown.id = retry.job;
    update queue.live set run_at = moment, later = false, rank = queue.rank(moment, live.priority)
    where live.id = retry.job and live.lease is null and live.run_at > moment;
    changed := found;
    select outcome.* into buried from queue.outcome
    where outcome.id = retry.job and outcome.state in ('dead', 'cancelled')
    for update;
    if buried.id is null then
        -- It may have come back just now, by somebody else's hand.
        if not changed then
            select shown.state into state from queue.job shown where shown.id = retry.job;
        end if;
        return;
    end if;
    if buried.unique_key is not null then
        insert into queue.unique_key as taken (key, job, keep)
        values (buried.unique_key, buried.id, interval '24 hours')
        on conflict (key) do update set job = excluded.job, keep = excluded.keep, keep_until = null
            where taken.keep_until < moment;
        if not found then
            return;
        end if;
    end if;
    delete from queue.outcome where outcome.id = buried.id and outcome.state = buried.state;
    insert into queue.live (
        id, generation, kind, park, priority, run_at, rank, payload, unique_key, enqueued_at, last_error, origin
    )
    select
        buried.id, rotation.current, buried.kind, buried.park, buried.priority, moment,
        queue.rank(moment, buried.priority), buried.payload, buried.unique_key, buried.enqueued_at, buried.last_error,
        buried.origin
    from queue.rotation;
    changed := true;
end
$$;

-- Has dead jobs wait anew, each as queue.retry does: of those of the kind and the park, null for any, that died before the
-- moment, null for now, the next most above the id. Tells the id after which the next batch begins, null at the end; how
-- many came back; how many did not, since another job holds their key; and the moment, for the next batch: what dies again
-- meanwhile is left alone.
create function queue.redrive(
    kind text, park text, after bigint, most integer, inout died_before timestamptz,
    out last bigint, out retried integer, out held integer
)
language plpgsql as $$
begin
    died_before := coalesce(died_before, queue.now());
    with looked as materialized (
        select dead.id, dead.unique_key from queue.dead
        where dead.id > after and dead.finished_at < died_before
            and (redrive.kind is null or dead.kind = redrive.kind)
            and (redrive.park is null or dead.park = redrive.park)
        order by dead.id
        limit most
    ),
    tried as materialized (
        select outcome.state, outcome.changed
        -- By key, as queue.enqueue_many does it, so that two such calls at once wait for each other in the same order.
        from (select looked.id from looked order by looked.unique_key nulls first, looked.id) as looked
        cross join lateral queue.retry(looked.id) as outcome
    )
    select
        (select max(looked.id) from looked having count(*) = most),
        count(*) filter (where tried.changed), count(*) filter (where not tried.changed and tried.state = 'dead')
    into last, retried, held
    from tried;
end
$$;

-- Keeping small ------------------------------------------------------------------------------------------------------

-- Whose old snapshot, or else what, keeps vacuum from removing what is dead since; the oldest first. What it is, and its
-- name for whoever wants to end it: a session's process id, a prepared transaction's gid, a replication slot's name. Age
-- in seconds, null where it is not known.
create function queue.snapshot_holders() returns table (
    what text, name text, program text, age double precision, state text, query text
)
language sql stable as $$
    select * from (
        select
            'session', pid::text, concat_ws(', ', usename, nullif(application_name, '')),
            extract(epoch from clock_timestamp() - xact_start)::float8, state, left(query, 200)
        from pg_stat_activity
        where backend_xmin is not null and pid <> pg_backend_pid() and backend_type = 'client backend'
            and datname = current_database()
        union all
        select
            'prepared transaction', gid, owner::text, extract(epoch from clock_timestamp() - prepared)::float8, null, null
        from pg_prepared_xacts where database = current_database()
        union all
        select 'replication slot', slot_name::text, null, null, null, null
        from pg_replication_slots where xmin is not null
    ) as holder (what, name, program, age, state, query)
    order by age desc nulls last
$$;

-- How many jobs of a generation are worth moving rather than waiting for.
create function queue.few() returns integer language sql immutable as $$ select 2000 $$;

-- Has new jobs go to a fresh generation when the current one has collected more than most_dead rows that vacuum can't
-- remove, as somebody has held a snapshot for longer than held_for; and empties one that is worked off. Any process may
-- call it, at any time; tells whether a snapshot stands in the way, and what it did.
create function queue.rotate(
    most_dead bigint default 50000, held_for interval default '2 seconds',
    out pinned boolean, out rotated boolean, out emptied integer
)
language plpgsql
as $$
#variable_conflict use_column
declare
    now_current smallint;
    other smallint;
    tables regclass[] := array['queue.live_0', 'queue.live_1', 'queue.live_2']::regclass[];
begin
    pinned := false;
    rotated := false;
    emptied := 0;
    select rotation.current into now_current from queue.rotation;
    if pg_stat_get_dead_tuples(tables[now_current + 1]) < most_dead / 5
        and pg_stat_get_dead_tuples(tables[(now_current + 1) % 3 + 1]) = 0
        and pg_stat_get_dead_tuples(tables[(now_current + 2) % 3 + 1]) = 0 then
        return;
    end if;
    pinned := exists (
        select from queue.snapshot_holders() as held
        where coalesce(held.age, extract(epoch from held_for)) >= extract(epoch from held_for)
    );
    -- One at a time is enough.
    if not pg_try_advisory_xact_lock(7412, 1) then
        return;
    end if;
    select rotation.current into now_current from queue.rotation;
    if pinned and pg_stat_get_dead_tuples(tables[now_current + 1]) > most_dead then
        for step in 1..2 loop
            other := (now_current + step) % 3;
            if pg_stat_get_dead_tuples(tables[other + 1]) < most_dead / 5
                and not exists (select from queue.live where live.generation = other) then
                update queue.rotation set current = other, rotated_at = queue.now();
                now_current := other;
                rotated := true;
                exit;
            end if;
        end loop;
    end if;
    for step in 1..2 loop
        other := (now_current + step) % 3;
        if pg_stat_get_dead_tuples(tables[other + 1]) > 0 or exists (select from queue.live where live.generation = other) then
            perform queue.move_few(other, now_current);
            -- Everybody waits until we have committed: so this is the last thing, and nothing is looked for behind it.
            if queue.empty_generation(other) then
                emptied := 1;
                exit;
            end if;
        end if;
    end loop;
end
$$;

-- Moves the waiting jobs of an old generation to the current one if they are few: stragglers such as those that wait for
-- their time, which would keep it from being emptied. As a deletion and an insertion, since a claim that meets a row
-- which is just moving between partitions would fail.
create function queue.move_few(old smallint, new smallint) returns void
language plpgsql as $$
#variable_conflict use_column
begin
    if (select count(*) from (select from queue.live where live.generation = old limit queue.few() + 1) as few) > queue.few() then
        return;
    end if;
    with moving as materialized (
        select live.id from queue.live where live.generation = old and live.lease is null for update skip locked
    ),
    gone as (
        delete from queue.live using moving where live.generation = old and live.id = moving.id returning live.*
    )
    insert into queue.live (
        id, generation, kind, park, priority, attempt, crashes, run_at, rank, started_at, enqueued_at, later, payload,
        unique_key, last_error, origin
    )
    select
        id, new, kind, park, priority, attempt, crashes, run_at, rank, started_at, enqueued_at, later, payload, unique_key,
        last_error, origin
    from gone;
end
$$;

-- Truncates a generation that holds no job; false where it holds one, or somebody has a lock on it.
create function queue.empty_generation(old smallint) returns boolean
language plpgsql
-- Claims queue up behind us while we wait. Where hundreds of jobs are claimed or ended at once, those before us take some
-- tens of milliseconds.
set lock_timeout = '100ms'
as $$
begin
    if exists (select from queue.live where live.generation = old)
        -- Nor where somebody who has read it goes on and on, or vacuum is at it: we would have claims wait for nothing.
        or exists (
            select from pg_locks join pg_stat_activity using (pid)
            where pg_locks.relation = format('queue.live_%s', old)::regclass and pg_locks.granted
                and pg_locks.pid <> pg_backend_pid() and pg_stat_activity.xact_start < clock_timestamp() - interval '200 milliseconds'
        ) then
        return false;
    end if;
    execute format('lock table queue.live_%s in access exclusive mode', old);
    -- Again, now that nobody can put one in.
    if exists (select from queue.live where live.generation = old) then
        return false;
    end if;
    execute format('truncate queue.live_%s', old);
    return true;
exception when lock_not_available then
    return false;
end
$$;

-- Sees to it that there are partitions for what ends today and on the next days, by UTC; returns how many it made.
create function queue.keep_days(ahead integer default 3) returns integer
language plpgsql
set lock_timeout = '200ms'
set timezone = 'UTC'
as $$
declare
    today date := queue.now()::date;
    day date;
    partition text;
    made integer := 0;
begin
    if not pg_try_advisory_xact_lock(7412, 2) then
        return 0;
    end if;
    for step in 0..ahead loop
        day := today + step;
        partition := 'ended_' || to_char(day, 'YYYYMMDD');
        continue when to_regclass('queue.' || partition) is not null;
        -- Made apart and then attached, which does not wait for those who read.
        execute format('create table queue.%I (like queue.ended including defaults including constraints)', partition);
        execute format(
            'with late as (delete from queue.ended_other where finished_at >= %L and finished_at < %L returning *)
            insert into queue.%I select * from late',
            day, day + 1, partition
        );
        execute format('alter table queue.ended attach partition queue.%I for values from (%L) to (%L)', partition, day, day + 1);
        made := made + 1;
    end loop;
    return made;
exception when lock_not_available then
    return 0;
end
$$;
select queue.keep_days();

-- Drops the partitions of which everything ended longer ago than age, and returns how many jobs went with them.
create function queue.drop_days(age interval) returns table (done bigint, cancelled bigint)
language plpgsql
set lock_timeout = '200ms'
set timezone = 'UTC'
as $$
declare
    last date := (queue.now() - age)::date - 1;
    partition regclass;
    counted record;
begin
    done := 0;
    cancelled := 0;
    for partition in
        select inhrelid::regclass from pg_inherits
        where inhparent = 'queue.ended'::regclass and inhrelid <> 'queue.ended_other'::regclass
            and to_date(right(inhrelid::regclass::text, 8), 'YYYYMMDD') <= last
    loop
        begin
            execute format(
                'select count(*) filter (where state = ''done'') as done,
                    count(*) filter (where state = ''cancelled'') as cancelled from %s',
                partition
            ) into counted;
            execute format('drop table %s', partition);
            done := done + counted.done;
            cancelled := cancelled + counted.cancelled;
        exception when lock_not_available then
            -- Somebody reads it: next time.
            null;
        end;
    end loop;
    return next;
end
$$;
