-- Jobs are given to workers, and end.

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
    -- Where the rows stand, which does not change while they are locked: so they are found again without an index.
    places tid[];
    in_generation smallint;
    in_places tid[];
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
        select array[head.id], array[head.generation], array[head.place] into ids, generations, places
        from unnest(kinds) as open (kind)
        cross join lateral (
            select live.id, live.generation, live.rank, live.ctid as place from queue.live
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
                    select live.id, live.generation, live.rank, live.ctid as place from queue.live
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
                (select head.id, head.generation, head.place, head.kind, head.park from head where not has_caps limit rest)
                union all
                (
                    select within_kind.id, within_kind.generation, within_kind.place, within_kind.kind, within_kind.park
                    from within_kind
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
            select array_agg(picked.id), array_agg(picked.generation), array_agg(picked.place)
            into ids, generations, places
            from picked;
        end if;
        -- The rows are found by where they stand. Planned when there were none, an index would seem as good, and all of it
        -- would be read for good.
        perform set_config('enable_indexscan', 'off', true);
        -- Nearly always one.
        for in_generation, in_places in
            select of_job.generation, array_agg(of_job.place)
            from unnest(generations, places) as of_job (generation, place)
            group by of_job.generation
        loop
            return query
            update queue.live
            set lease = token, worker = claim.worker, started_at = moment,
                deadline = moment + make_interval(secs => limits[array_position(kinds, live.kind)])
            where live.generation = in_generation and live.ctid = any (in_places)
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
        perform set_config('enable_indexscan', 'on', true);
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

-- Called with the jobs that were done together and the moment, which is their finished_at in queue.ended, in the transaction
-- that ends them. Another program puts its own function in the place of this one if it wants to know; a trigger with the
-- rows would copy them all, for a fifth of the price of their end, whether or not anybody wants to.
create function queue.tell_done(jobs bigint[], moment timestamptz) returns void language plpgsql as $$ begin end $$;

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
    moment timestamptz := queue.now();
    has_results boolean := results <> '{}';
begin
    with gone as (
        delete from queue.live
        where live.generation = finish.generation and live.id = any (jobs) and live.lease = finish.lease
        returning
            live.id, live.kind, live.park, live.priority, live.attempt, live.crashes, live.enqueued_at, live.run_at,
            live.started_at, live.worker, live.payload, live.unique_key, live.last_error, live.origin
    ),
    kept_keys as (
        update queue.unique_key set keep_until = moment + unique_key.keep
        from gone
        where gone.unique_key is not null and unique_key.key = gone.unique_key and unique_key.job = gone.id
    )
    insert into queue.ended (
        id, kind, park, state, priority, attempt, crashes, enqueued_at, run_at, started_at, finished_at, worker,
        lease, payload, unique_key, last_error, origin, result
    )
    select
        id, kind, park, 'done', priority, attempt, crashes, enqueued_at, run_at, started_at, moment, worker,
        finish.lease, payload, unique_key, last_error, origin,
        case when has_results then nullif(results[array_position(jobs, id)], '')::jsonb end
    from gone;
    get diagnostics ended = row_count;
    if ended <> cardinality(jobs) then
        raise exception 'the lease of at least one of % jobs was lost', cardinality(jobs) using errcode = 'QL001';
    end if;
    perform queue.tell_done(jobs, moment);
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
