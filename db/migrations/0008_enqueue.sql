-- Jobs are put in, by functions, so that any language that speaks SQL can do it too. How the queue's functions are planned
-- is fixed where the last of them is made, in 0011_queue_views.sql.

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
