-- What is done with the queue's tables, as functions, so that any language that speaks SQL can do it too. How they are
-- planned is fixed at the end of this file.

-- Putting in ---------------------------------------------------------------------------------------------------------

-- The most bytes of a payload, written as text.
create function queue.largest_payload() returns integer language sql immutable as $$ select 262144 $$;

-- The most characters that are kept of what had a job put in.
create function queue.longest_origin() returns integer language sql immutable as $$ select 128 $$;

-- Refuses what can't be a job, with words for whoever tried.
create function queue.require_valid(kind text, payload jsonb) returns void
language plpgsql immutable as $$
begin
    if coalesce(kind, '') = '' then
        raise exception 'a job needs a kind' using errcode = 'invalid_parameter_value';
    elsif payload is null then
        raise exception 'a job needs a payload; {} will do' using errcode = 'invalid_parameter_value';
    -- How much it takes is known without writing it out; what is stored compressed takes a 256th at least.
    elsif pg_column_size(payload) > queue.largest_payload() / 256 - 64
        and octet_length(payload::text) > queue.largest_payload() then
        raise exception 'the payload of % bytes is larger than %', octet_length(payload::text), queue.largest_payload()
            using errcode = 'program_limit_exceeded';
    end if;
end
$$;

-- Has a new job take a key, or tells the job that holds it; null when it is the new one's. See queue.enqueue.
create function queue.take_key(
    key text, new_job bigint, unique_for interval, merge boolean, payload jsonb, priority smallint
) returns bigint
language plpgsql as $$
#variable_conflict use_column
declare
    moment timestamptz := queue.now();
    holder bigint;
begin
    loop
        if not merge then
            -- Without a lock first, as a duplicate of a job that is committed needs none: a caller with many keys would
            -- else deadlock with workers that end groups of jobs.
            select taken.job into holder from queue.unique_key taken
            where taken.key = take_key.key and (taken.keep_until is null or taken.keep_until >= moment);
            if found then
                return holder;
            end if;
        end if;
        insert into queue.unique_key as taken (key, job, keep)
        values (take_key.key, new_job, unique_for)
        on conflict (key) do update set job = excluded.job, keep = excluded.keep, keep_until = null
            where taken.keep_until < moment or merge and taken.keep_until is not null;
        if found then
            return null;
        end if;
        if merge then
            update queue.live
            set payload = live.payload || take_key.payload, priority = least(live.priority, take_key.priority),
                rank = queue.rank(live.run_at, least(live.priority, take_key.priority))
            from queue.unique_key taken
            where taken.key = take_key.key and live.id = taken.job and live.lease is null
            returning live.id into holder;
            if found then
                perform queue.require_valid(live.kind, live.payload) from queue.live where live.id = holder;
                return holder;
            end if;
            -- The holder runs, and would not see what is new.
            update queue.unique_key taken set job = new_job, keep = unique_for
            where taken.key = take_key.key and taken.keep_until is null
                and not exists (select from queue.live where live.id = taken.job and live.lease is null);
            if found then
                return null;
            end if;
        end if;
        -- The holder was committed, or vanished, between two statements: look again.
    end loop;
end
$$;

-- Puts a job into the queue as part of the caller's transaction.
--
-- A key that is taken returns the job that holds it, while that job lives and for unique_for after its end. Where the
-- job is not committed yet, this waits for the outcome: if it is rolled back, ours takes the key, so that never both are
-- lost.
--
-- With merge, the payload is laid over that of a job of the same key which still waits, key by key, and the more urgent
-- of the two priorities holds. Once that job runs or has ended, a new one takes the key over.
create function queue.enqueue(
    kind text,
    payload jsonb,
    park text default null,
    unique_key text default null,
    run_at timestamptz default null,
    priority smallint default 100,
    unique_for interval default '24 hours',
    merge boolean default false,
    origin text default null
) returns table (id bigint, duplicate boolean)
language plpgsql as $$
#variable_conflict use_column
declare
    moment timestamptz := queue.now();
    -- Nobody can be first by claiming to have waited for longer.
    due timestamptz := greatest(enqueue.run_at, moment);
    urgency smallint := coalesce(enqueue.priority, 100::smallint);
    new_id bigint := nextval('queue.job_id');
    holder bigint;
begin
    perform queue.require_valid(enqueue.kind, enqueue.payload);
    if merge and (enqueue.unique_key is null or jsonb_typeof(enqueue.payload) <> 'object') then
        raise exception 'merging needs a unique key and an object as payload' using errcode = 'invalid_parameter_value';
    end if;
    if enqueue.unique_key is not null then
        holder := queue.take_key(
            enqueue.unique_key, new_id, coalesce(unique_for, interval '24 hours'), merge, enqueue.payload, urgency
        );
        if holder is not null then
            return query select holder, true;
            return;
        end if;
    end if;
    insert into queue.live (
        id, generation, kind, payload, park, unique_key, run_at, later, priority, rank, enqueued_at, origin
    )
    values (
        new_id, (select current from queue.rotation), enqueue.kind, enqueue.payload, coalesce(enqueue.park, ''),
        enqueue.unique_key, due, due > moment, urgency, queue.rank(due, urgency), moment,
        left(enqueue.origin, queue.longest_origin())
    );
    return query select new_id, false;
end
$$;

-- Puts many jobs in with one statement, each as queue.enqueue does it; the answers come in the order of the arrays. An
-- array that is null stands for nulls; a null in it for the default.
create function queue.enqueue_many(
    kinds text[],
    payloads jsonb[],
    parks text[] default null,
    unique_keys text[] default null,
    run_ats timestamptz[] default null,
    priorities smallint[] default null,
    origins text[] default null
) returns table (id bigint, duplicate boolean)
language plpgsql as $$
#variable_conflict use_column
declare
    moment timestamptz := queue.now();
    total integer := cardinality(kinds);
    ids bigint[];
begin
    if total is distinct from cardinality(payloads) or total <> coalesce(cardinality(parks), total)
        or total <> coalesce(cardinality(unique_keys), total) or total <> coalesce(cardinality(run_ats), total)
        or total <> coalesce(cardinality(priorities), total) or total <> coalesce(cardinality(origins), total) then
        raise exception 'the arrays are of different lengths' using errcode = 'invalid_parameter_value';
    end if;
    if exists (select from unnest(unique_keys) as key where key is not null) then
        return query
        select put.id, put.duplicate
        from (
            -- By key, so that two such calls at once wait for each other in the same order. Materialised by the sort.
            select enqueued.*, job.n
            from (
                select * from unnest(kinds, payloads, parks, unique_keys, run_ats, priorities, origins)
                    with ordinality as job (kind, payload, park, unique_key, run_at, priority, origin, n)
                order by unique_key nulls first, n
            ) as job
            cross join lateral queue.enqueue(
                job.kind, job.payload, job.park, job.unique_key, job.run_at, job.priority, origin => job.origin
            ) as enqueued
        ) as put
        order by put.n;
        return;
    end if;
    -- Most are worth no closer look, and a call each would cost a tenth of it all.
    perform queue.require_valid(job.kind, job.payload)
    from unnest(kinds, payloads) as job (kind, payload)
    where (job.kind <> '' and pg_column_size(job.payload) < 900) is not true;
    ids := array(select nextval('queue.job_id') from generate_series(1, total));
    insert into queue.live (id, generation, kind, payload, park, run_at, later, priority, rank, enqueued_at, origin)
    select
        job.id, (select current from queue.rotation), job.kind, job.payload, coalesce(job.park, ''), job.due,
        job.due > moment, job.urgency, queue.rank(job.due, job.urgency), moment, left(job.origin, queue.longest_origin())
    from (
        select *, greatest(run_at, moment) as due, coalesce(priority, 100::smallint) as urgency
        from unnest(ids, kinds, payloads, parks, run_ats, priorities, origins)
            as job (id, kind, payload, park, run_at, priority, origin)
    ) as job;
    return query select new_id, false from unnest(ids) as new_id;
end
$$;

-- Claiming -----------------------------------------------------------------------------------------------------------

-- Claims due jobs under one new fencing token, for a worker that handles kinds, each for at most as many seconds as stand
-- at the same place in limits. At most want jobs, fairly over the parks of each kind: every park that has a job to run gets its
-- share, beginning after the park named in after; what some do not need goes to the others.
--
-- With alone, for a worker that runs nothing else: a job whose process vanished, but no more often than most_crashes, goes
-- before all others and comes by itself.
--
-- With seen_kinds, seen_parks and seen_ranks it looks at these parks of these kinds only, and at nothing of a lower rank:
-- where the worker has just been. So it does not walk past what vacuum could not remove, but is blind to what came in
-- before that place.
--
-- Forgets the leases in ended, of which the worker knows that nothing is left to do.
create function queue.claim(
    worker bigint,
    kinds text[],
    limits double precision[],
    want integer,
    after text default '',
    alone boolean default false,
    most_crashes integer default 0,
    seen_kinds text[] default null,
    seen_parks text[] default null,
    seen_ranks timestamptz[] default null,
    ended bigint[] default '{}'
) returns table (
    id bigint, generation smallint, kind text, park text, payload jsonb, attempt smallint, crashes smallint,
    lease bigint, rank timestamptz, run_at timestamptz, started_at timestamptz, origin text
)
language plpgsql
as $$
#variable_conflict use_column
declare
    moment timestamptz;
    token bigint;
    has_caps boolean;
    held queue.cap[];
    -- The capped kinds and parks with how many more of each may start now.
    capped_kinds text[];
    kind_rooms integer[];
    capped_parks text[];
    park_rooms integer[];
    closed_kinds text[];
    closed_parks text[];
    lane_kinds text[];
    lane_parks text[];
    lane_ranks timestamptz[];
    ids bigint[];
    generations smallint[];
    in_generation smallint;
    is_suspect boolean := false;
    rest integer := want;
begin
    delete from queue.lease where lease.token = any (ended);
    -- Each statement below sees what was committed before it began: so pauses and caps are as they are now.
    lock table queue.gate in row share mode;
    moment := queue.now();

    with due as materialized (
        select later.id, later.generation from queue.live later
        where later.later and later.run_at <= moment
        order by later.run_at
        limit 1000
        for update skip locked
    )
    update queue.live set later = false
    from due where live.generation = due.generation and live.id = due.id;

    select
        array_agg(pause.name) filter (where pause.scope = 'kind'), array_agg(pause.name) filter (where pause.scope = 'park')
    into closed_kinds, closed_parks
    from queue.pause;

    has_caps := exists (select from queue.cap);
    if has_caps then
        -- A cap that another claim has locked is as good as full for now.
        held := array(select cap from queue.cap for update skip locked);
        select
            array_agg(room.name) filter (where room.scope = 'kind'),
            array_agg(room.room) filter (where room.scope = 'kind'),
            array_agg(room.name) filter (where room.scope = 'park'),
            array_agg(room.room) filter (where room.scope = 'park')
        into capped_kinds, kind_rooms, capped_parks, park_rooms
        from queue.cap_rooms(held, moment, want) as room;
        closed_kinds := closed_kinds
            || array(select room.name from unnest(capped_kinds, kind_rooms) as room (name, room) where room.room = 0);
        closed_parks := closed_parks
            || array(select room.name from unnest(capped_parks, park_rooms) as room (name, room) where room.room = 0);
    end if;
    closed_kinds := coalesce(closed_kinds, '{}');
    closed_parks := coalesce(closed_parks, '{}');

    if alone then
        select array[head.id], array[head.generation] into ids, generations
        from unnest(kinds) as open (kind)
        cross join lateral (
            select live.id, live.generation, live.rank from queue.live
            where live.lease is null and live.crashes > 0 and not live.later and live.kind = open.kind
                and live.crashes <= most_crashes and live.park <> all (closed_parks)
            order by live.rank, live.id
            limit 1
            for update skip locked
        ) as head
        where open.kind <> all (closed_kinds)
        order by head.rank, head.id
        limit 1;
        is_suspect := found;
        if is_suspect then
            update queue.cap set tokens = queue.cap_tokens(cap, moment) - 1, filled_at = moment
            from queue.live
            where live.generation = generations[1] and live.id = ids[1] and cap.rate is not null
                and cap.name = case cap.scope when 'kind' then live.kind else live.park end;
        end if;
    end if;

    if is_suspect then
        null;
    elsif seen_kinds is not null then
        select array_agg(seen.kind), array_agg(seen.park), array_agg(seen.rank)
        into lane_kinds, lane_parks, lane_ranks
        from unnest(seen_kinds, seen_parks, seen_ranks) as seen (kind, park, rank)
        where seen.kind <> all (closed_kinds) and seen.park <> all (closed_parks);
    else
        -- From park to park in the index, without reading what lies between; once round, beginning after `after`. Where
        -- each one's jobs begin that can be claimed, is remembered: running ones stand before.
        with lane as (
            select open.kind, open.n, walked.park, walked.rank, walked.step
            from unnest(kinds) with ordinality as open (kind, n)
            cross join lateral (
                with recursive walk (park, rank, wrapped, step) as (
                    select first.park, first.rank, first.wrapped, case when first.park = any (closed_parks) then 0 else 1 end
                    from (
                        (
                            select live.park, live.rank, false as wrapped from queue.live
                            where live.lease is null and live.crashes = 0 and not live.later
                                and live.kind = open.kind and live.park > after
                            order by live.park, live.rank limit 1
                        )
                        union all
                        (
                            select live.park, live.rank, true from queue.live
                            where live.lease is null and live.crashes = 0 and not live.later
                                and live.kind = open.kind and live.park <= after
                            order by live.park, live.rank limit 1
                        )
                        limit 1
                    ) as first
                    union all
                    select
                        next.park, next.rank, next.wrapped,
                        walk.step + case when next.park = any (closed_parks) then 0 else 1 end
                    from walk cross join lateral (
                        (
                            select live.park, live.rank, walk.wrapped from queue.live
                            where live.lease is null and live.crashes = 0 and not live.later
                                and live.kind = open.kind and live.park > walk.park
                                and (not walk.wrapped or live.park <= after)
                            order by live.park, live.rank limit 1
                        )
                        union all
                        (
                            select live.park, live.rank, true from queue.live
                            where not walk.wrapped and live.lease is null and live.crashes = 0 and not live.later
                                and live.kind = open.kind and live.park <= after
                            order by live.park, live.rank limit 1
                        )
                        limit 1
                    ) as next
                    where walk.step < want
                )
                select walk.park, walk.rank, walk.step from walk where walk.park <> all (closed_parks)
            ) as walked
            where open.kind <> all (closed_kinds)
            order by walked.step, open.n
            limit want
        )
        select array_agg(lane.kind), array_agg(lane.park), array_agg(lane.rank)
        into lane_kinds, lane_parks, lane_ranks
        from lane;
    end if;
    if lane_kinds is null and not is_suspect then
        return;
    end if;

    token := nextval('queue.lease_token');
    loop
        if not is_suspect then
            with head as materialized (
                select lane.kind, lane.park, lane.n, head.*
                from unnest(lane_kinds, lane_parks, lane_ranks) with ordinality as lane (kind, park, rank, n)
                cross join lateral (
                    select live.id, live.generation, live.rank from queue.live
                    where live.lease is null and live.crashes = 0 and not live.later
                        and live.kind = lane.kind and live.park = lane.park and live.rank >= lane.rank
                    order by live.rank
                    limit (rest + cardinality(lane_kinds) - 1) / cardinality(lane_kinds)
                    for update skip locked
                ) as head
            ),
            within_park as (
                select head.*, row_number() over (partition by head.park order by head.rank, head.id) as park_n from head
            ),
            within_kind as (
                select
                    within_park.*,
                    row_number() over (partition by within_park.kind order by within_park.rank, within_park.id) as kind_n
                from within_park
                where coalesce(within_park.park_n <= park_rooms[array_position(capped_parks, within_park.park)], true)
            ),
            picked as (
                (select head.id, head.generation, head.kind, head.park from head where not has_caps limit rest)
                union all
                (
                    select within_kind.id, within_kind.generation, within_kind.kind, within_kind.park from within_kind
                    where has_caps
                        and coalesce(within_kind.kind_n <= kind_rooms[array_position(capped_kinds, within_kind.kind)], true)
                    order by within_kind.n, within_kind.rank, within_kind.id
                    limit rest
                )
            ),
            charged as (
                update queue.cap set tokens = queue.cap_tokens(cap, moment) - started.jobs, filled_at = moment
                from (
                    select capped.scope, capped.name, count(*) as jobs
                    from picked cross join lateral (values ('kind', picked.kind), ('park', picked.park)) as capped (scope, name)
                    where has_caps
                    group by capped.scope, capped.name
                ) as started
                where cap.rate is not null and cap.scope = started.scope and cap.name = started.name
            )
            select array_agg(picked.id), array_agg(picked.generation) into ids, generations from picked;
        end if;
        -- Nearly always one.
        for in_generation in select distinct of_job from unnest(generations) as of_job loop
            return query
            update queue.live
            set lease = token, worker = claim.worker, started_at = moment,
                deadline = moment + make_interval(secs => limits[array_position(kinds, live.kind)])
            where live.generation = in_generation and live.id = any (ids)
            returning
                live.id, live.generation, live.kind, live.park, live.payload, live.attempt, live.crashes, live.lease,
                live.rank, live.run_at, live.started_at, live.origin;
            insert into queue.lease as earlier (token, generation, worker, jobs, until)
            values (
                token, in_generation, claim.worker, ids,
                moment + make_interval(secs => (select min(of_kind) from unnest(limits) as of_kind))
            )
            on conflict (token, generation) do update set jobs = earlier.jobs || excluded.jobs;
        end loop;
        rest := rest - coalesce(cardinality(ids), 0);
        -- A second round gives what some parks left of their share to the others. Not with caps: what room they have is
        -- counted but once.
        exit when is_suspect or rest <= 0 or ids is null or has_caps or cardinality(lane_kinds) = 1;
    end loop;
end
$$;

-- The jobs that run.
create function queue.running() returns setof queue.live
language sql stable as $$
    select live.*
    from queue.lease cross join lateral unnest(lease.jobs) as held (id)
    join queue.live on live.generation = lease.generation and live.id = held.id and live.lease = lease.token
$$;

-- What is in a cap's bucket by now.
create function queue.cap_tokens(cap queue.cap, moment timestamptz) returns double precision
language sql immutable as $$
    select least(cap.burst, cap.tokens + cap.rate * greatest(0, extract(epoch from moment - cap.filled_at)::float8))
$$;

-- How many more jobs each cap lets start. Those not in held, which the caller has locked in an earlier statement of its
-- transaction, let none: another claim is counting there.
create function queue.cap_rooms(held queue.cap[], moment timestamptz, want integer)
returns table (scope text, name text, room integer)
language sql stable as $$
    select
        cap.scope, cap.name,
        case when mine.name is null then 0 else
            greatest(0, least(
                want,
                cap.running - case when cap.running is not null then (
                    select count(*) from queue.running() as busy
                    where case cap.scope when 'kind' then busy.kind else busy.park end = cap.name
                ) end,
                case when cap.rate is not null then floor(queue.cap_tokens(mine, moment)) end
            ))::integer
        end
    from queue.cap left join unnest(held) as mine on mine.scope = cap.scope and mine.name = cap.name
$$;

-- Gives claimed jobs back without a charge, as a worker does that has not begun them.
create function queue.release(jobs bigint[], lease bigint) returns void
language plpgsql as $$
#variable_conflict use_column
begin
    perform queue.bury(live, 'cancelled', 'cancelled while it ran') from queue.live
    where live.id = any (jobs) and live.lease = release.lease and live.cancelling;
    update queue.live set lease = null, worker = null, deadline = null
    where live.id = any (jobs) and live.lease = release.lease;
end
$$;

-- Ending -------------------------------------------------------------------------------------------------------------

-- Ends jobs of one generation that were claimed under one lease as done, all of them or none: raises QL001 if one is no
-- longer held, and the transaction's other effects go with it. So a job's end can travel with its effects and the commit in
-- one round trip. Results are in the order of the jobs; an empty one is none, and an empty array is none for any.
-- One statement, and into the table next to those of the days: each step on the way costs a job that ends by itself as
-- much as its own deletion.
create function queue.finish(jobs bigint[], generation smallint, lease bigint, results text[] default '{}') returns bigint
language plpgsql
as $$
#variable_conflict use_column
declare
    ended bigint;
begin
    with gone as (
        delete from queue.live
        where live.generation = finish.generation and live.id = any (jobs) and live.lease = finish.lease
        returning live.*
    ),
    kept as (
        insert into queue.ended (
            id, kind, park, state, priority, attempt, crashes, enqueued_at, run_at, started_at, finished_at, worker,
            lease, payload, unique_key, last_error, origin, result
        )
        select
            id, kind, park, 'done', priority, attempt, crashes, enqueued_at, run_at, started_at, queue.now(), worker,
            lease, payload, unique_key, last_error, origin,
            case when results <> '{}' then nullif(results[array_position(jobs, id)], '')::jsonb end
        from gone
    ),
    kept_keys as (
        update queue.unique_key set keep_until = queue.now() + unique_key.keep
        from gone
        where gone.unique_key is not null and unique_key.key = gone.unique_key and unique_key.job = gone.id
    )
    select count(*) into ended from gone;
    if ended <> cardinality(jobs) then
        raise exception 'the lease of at least one of % jobs was lost', cardinality(jobs) using errcode = 'QL001';
    end if;
    return ended;
end
$$;

-- Takes a job out for another end than a good one, and frees its key.
create function queue.bury(job queue.live, state text, reason text) returns void
language plpgsql as $$
begin
    delete from queue.live where live.generation = job.generation and live.id = job.id;
    delete from queue.unique_key where unique_key.key = job.unique_key and unique_key.job = job.id;
    insert into queue.outcome (
        id, kind, park, state, priority, attempt, crashes, enqueued_at, run_at, started_at, finished_at, worker, lease,
        payload, unique_key, last_error, origin
    )
    values (
        job.id, job.kind, job.park, state, job.priority, job.attempt, job.crashes, job.enqueued_at, job.run_at,
        job.started_at, queue.now(), job.worker, job.lease, job.payload, job.unique_key, left(reason, 2000),
        job.origin
    );
end
$$;

-- Records that a handler said no: the job waits for delay and runs again, or is dead after most_attempts; one that was to
-- be cancelled is. Returns the state, or null when the lease was lost meanwhile.
create function queue.fail(job bigint, lease bigint, reason text, delay interval, most_attempts integer) returns text
language plpgsql as $$
#variable_conflict use_column
declare
    failed queue.live;
    due timestamptz := queue.now() + greatest(delay, interval '0');
begin
    select live.* into failed from queue.live where live.id = fail.job and live.lease = fail.lease for update;
    if not found then
        return null;
    end if;
    failed.attempt := failed.attempt + 1;
    if failed.cancelling then
        perform queue.bury(failed, 'cancelled', 'cancelled while it ran: ' || reason);
        return 'cancelled';
    elsif failed.attempt >= most_attempts then
        perform queue.bury(failed, 'dead', reason);
        return 'dead';
    end if;
    update queue.live
    set lease = null, worker = null, deadline = null, attempt = failed.attempt, last_error = left(reason, 2000),
        run_at = due, later = delay > interval '0', rank = queue.rank(due, live.priority)
    where live.generation = failed.generation and live.id = failed.id;
    return 'failed';
end
$$;

-- Puts a claimed job off without a charge; false when the lease was lost meanwhile.
create function queue.snooze(job bigint, lease bigint, delay interval) returns boolean
language plpgsql as $$
#variable_conflict use_column
declare
    due timestamptz := queue.now() + greatest(delay, interval '0');
begin
    update queue.live
    set lease = null, worker = null, deadline = null,
        run_at = due, later = delay > interval '0', rank = queue.rank(due, live.priority)
    where live.id = snooze.job and live.lease = snooze.lease;
    return found;
end
$$;

-- Ends a claimed job as cancelled, once its handler has stopped; false when the lease was lost meanwhile.
create function queue.stop(job bigint, lease bigint) returns boolean
language plpgsql as $$
#variable_conflict use_column
begin
    perform queue.bury(live, 'cancelled', 'cancelled while it ran') from queue.live
    where live.id = stop.job and live.lease = stop.lease;
    return found;
end
$$;

-- Liveness -----------------------------------------------------------------------------------------------------------

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
            when pg_postmaster_start_time() > clock_timestamp() - interval '5 seconds' then false
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
-- remove, as somebody has held a snapshot for longer than held_for; and empties those that are worked off. Any process may
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
    for step in 1..2 loop
        other := (now_current + step) % 3;
        if pg_stat_get_dead_tuples(tables[other + 1]) > 0 or exists (select from queue.live where live.generation = other) then
            perform queue.move_few(other, now_current);
            emptied := emptied + queue.empty_generation(other)::integer;
        end if;
    end loop;
    if pinned and pg_stat_get_dead_tuples(tables[now_current + 1]) > most_dead then
        for step in 1..2 loop
            other := (now_current + step) % 3;
            if not exists (select from queue.live where live.generation = other)
                and pg_stat_get_dead_tuples(tables[other + 1]) < most_dead / 5 then
                update queue.rotation set current = other, rotated_at = queue.now();
                rotated := true;
                exit;
            end if;
        end loop;
    end if;
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
-- Claims queue up behind us while we wait.
set lock_timeout = '20ms'
as $$
begin
    if exists (select from queue.live where live.generation = old)
        -- Nor where somebody who has read it goes on and on: we would have claims wait for nothing.
        or exists (
            select from pg_locks join pg_stat_activity using (pid)
            where pg_locks.relation = format('queue.live_%s', old)::regclass and pg_locks.granted
                and pg_locks.pid <> pg_backend_pid() and pg_stat_activity.xact_start < clock_timestamp() - interval '1 second'
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

-- Seeing -------------------------------------------------------------------------------------------------------------

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

-- Why a cap holds a job of this kind and park; null where none does.
create function queue.cap_reason(kind text, park text) returns text
language sql stable as $$
    select string_agg(
        case
            when held.is_full then format('the %s %s has as many running jobs as it may, %s', scope, name, running)
            else format('the %s %s may start only %s jobs a second', scope, name, rate)
        end,
        '; ' order by scope
    )
    from queue.cap
    cross join lateral (
        select cap.running <= (
            select count(*) from queue.running() as busy
            where case cap.scope when 'kind' then busy.kind else busy.park end = cap.name
        ) as is_full
    ) as held
    where (scope, name) in (('kind', cap_reason.kind), ('park', cap_reason.park))
        and (held.is_full or cap.rate is not null and queue.cap_tokens(cap, queue.now()) < 1)
$$;

-- What keeps a job waiting. The position is among the jobs of its kind and park that nothing else holds back. When it is
-- expected to start goes by the pace at which the workers of its kind have ended jobs lately and by how many parks share
-- it; null where there is no telling. Nothing at all for a job that does not wait, or for none.
create function queue.explain_wait(
    job bigint, out reason text, out "position" bigint, out expected_at timestamptz
)
language plpgsql stable strict
as $$
#variable_conflict use_column
declare
    moment timestamptz := queue.now();
    waiting queue.live;
    at_work record;
    parks integer;
begin
    select live.* into waiting from queue.live where live.id = explain_wait.job and live.lease is null;
    if waiting.id is null then
        return;
    end if;
    reason := queue.pause_reason(waiting.kind, waiting.park);
    if waiting.run_at > moment then
        expected_at := case when reason is null then waiting.run_at end;
        reason := concat_ws('; ', case
            when waiting.attempt > 0 then format('attempt %s failed, and the next is due', waiting.attempt)
            else 'it is scheduled'
        end || to_char(waiting.run_at at time zone 'UTC', ' for YYYY-MM-DD"T"HH24:MI:SS"Z"'), reason);
        return;
    end if;
    select count(*) as workers, sum(worker.pace) as pace into at_work
    from queue.worker where waiting.kind = any (worker.kinds);
    reason := coalesce(reason, case
        when at_work.workers = 0 then format('no worker that handles the kind %s is at work', waiting.kind)
        when waiting.crashes > 0 then format(
            'a process vanished over it %s times, so it runs alone, once a worker has nothing else to do', waiting.crashes
        )
        else queue.cap_reason(waiting.kind, waiting.park)
    end);
    if reason is null then
        -- Not to the end of the world: whoever asked for a thing may ask where it is as often as they like.
        select case when count(*) <= 10000 then 1 + count(*) filter (where (rank, id) < (waiting.rank, waiting.id)) end
        into "position" from (
            select ahead.rank, ahead.id from queue.live ahead
            where ahead.kind = waiting.kind and ahead.park = waiting.park and ahead.lease is null and ahead.crashes = 0
                and not ahead.later and ahead.rank <= waiting.rank
            order by ahead.rank
            limit 10001
        ) as before;
        if "position" is null then
            reason := 'about 10000 jobs of its kind and park or more are before it';
        elsif at_work.pace > 0 then
            with recursive walk (park) as (
                (
                    select live.park from queue.live
                    where live.kind = waiting.kind and live.lease is null and live.crashes = 0 and not live.later
                    order by live.park limit 1
                )
                union all
                select (
                    select live.park from queue.live
                    where live.kind = waiting.kind and live.lease is null and live.crashes = 0 and not live.later
                        and live.park > walk.park
                    order by live.park limit 1
                )
                from walk where walk.park is not null
            )
            select count(walk.park) into parks from walk;
            expected_at := moment + make_interval(secs => "position" * greatest(parks, 1) / at_work.pace);
        end if;
    end if;
end
$$;

-- The kinds and parks of which jobs wait or run, of these kinds only or, with null, of all: how many are due, but no more
-- than most are counted of each; how many run; and since when the one waits that has waited longest. It reads no more than
-- what it counts, so it can be asked every second.
create function queue.lanes(kinds text[] default null, most integer default 10000)
returns table (kind text, park text, waiting bigint, running bigint, oldest timestamptz)
language sql stable
set enable_seqscan = off
set jit = off
as $$
    with recursive walk as (
        (
            select live.kind, live.park from queue.live
            where live.lease is null and live.crashes = 0 and not live.later
            order by live.kind, live.park limit 1
        )
        union all
        select next.kind, next.park
        from walk cross join lateral (
            select live.kind, live.park from queue.live
            where live.lease is null and live.crashes = 0 and not live.later
                and (live.kind, live.park) > (walk.kind, walk.park)
            order by live.kind, live.park limit 1
        ) as next
    ),
    counted as (
        select walk.kind, walk.park, due.jobs as waiting, 0 as running, due.oldest
        from walk cross join lateral (
            select count(*) as jobs, min(head.run_at) as oldest
            from (
                select live.run_at from queue.live
                where live.lease is null and live.crashes = 0 and not live.later
                    and live.kind = walk.kind and live.park = walk.park
                order by live.rank
                limit most
            ) as head
        ) as due
        where kinds is null or walk.kind = any (kinds)
        union all
        select suspect.kind, suspect.park, 1, 0, suspect.run_at
        from queue.live suspect
        where suspect.lease is null and suspect.crashes > 0 and not suspect.later
            and (kinds is null or suspect.kind = any (kinds))
        union all
        select busy.kind, busy.park, 0, 1, null
        from queue.running() as busy
        where kinds is null or busy.kind = any (kinds)
    )
    select kind, park, least(sum(waiting), most)::bigint, sum(running)::bigint, min(oldest)
    from counted
    group by kind, park
$$;

-- What the queue has to bear and who does its work, each as JSON: the pauses; the caps, with what runs under each now; the
-- workers; the generations with their dead rows; and who has held a snapshot for five seconds or more, with the statement
-- only where tells_queries says so, for there may be anything in it.
create function queue.conditions(
    tells_queries boolean,
    out paused json, out caps json, out workers json, out generations json, out held_snapshots json
)
language sql stable
set enable_seqscan = off
set jit = off
as $$
    select
        coalesce((
            select json_agg(json_build_object(
                'scope', scope, 'name', name, 'since', since, 'by', paused_by, 'reason', reason
            ) order by scope, name)
            from queue.pause
        ), '[]'::json),
        coalesce((
            select json_agg(json_strip_nulls(json_build_object(
                'scope', scope, 'name', name, 'running', running, 'rate', rate,
                'burst', case when rate is not null then burst end,
                'running_now', (
                    select count(*) from queue.running() as busy
                    where case cap.scope when 'kind' then busy.kind else busy.park end = cap.name
                )
            )) order by scope, name)
            from queue.cap
        ), '[]'::json),
        coalesce((
            select json_agg(json_build_object(
                'id', id, 'program', program, 'host', host, 'pid', pid, 'started_at', started_at, 'seen_at', seen_at,
                'seen_s', round(extract(epoch from queue.now() - seen_at), 3),
                'kinds', kinds, 'concurrency', concurrency, 'jobs_per_second', round(pace::numeric, 1),
                'done', done, 'failed', failed
            ) order by id)
            from queue.worker
        ), '[]'::json),
        (
            select json_agg(json_build_object(
                'generation', generation, 'is_current', generation = rotation.current,
                'dead_rows', pg_stat_get_dead_tuples(format('queue.live_%s', generation)::regclass),
                'bytes', pg_total_relation_size(format('queue.live_%s', generation)::regclass)
            ) order by generation)
            from queue.rotation cross join generate_series(0, 2) as generation
        ),
        coalesce((
            select json_agg(json_strip_nulls(json_build_object(
                'what', what, 'name', name, 'program', program, 'age_s', round(age::numeric, 1), 'state', state,
                'doing', case when tells_queries then query end
            )))
            from (select * from queue.snapshot_holders() where coalesce(age, 5) >= 5 limit 5) as held
        ), '[]'::json)
$$;

-- Planning -----------------------------------------------------------------------------------------------------------

-- The queue's tables are empty one moment and hold a million rows the next, and a plan made for the empty table, a scan of
-- it all, would stay in use until the next analyze. So the functions look rows up by their indexes, and plan once. (A
-- scan that can't be avoided then costs so much on paper that the plan would be compiled, for a tenth of a second.)
do $$
declare
    made regprocedure;
    setting text;
begin
    for made in
        select pg_proc.oid from pg_proc join pg_language on pg_language.oid = prolang
        where pronamespace = 'queue'::regnamespace and lanname = 'plpgsql' and provolatile <> 'i'
            -- These look nothing up, and everybody calls them.
            and proname not in ('enqueue', 'enqueue_many')
    loop
        foreach setting in array array['enable_seqscan', 'enable_bitmapscan', 'enable_hashjoin', 'enable_mergejoin', 'jit'] loop
            execute format('alter function %s set %I = off', made, setting);
        end loop;
        execute format('alter function %s set plan_cache_mode = force_generic_plan', made);
    end loop;
end
$$;
