-- What is told of the queue to whoever looks.

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
