-- rescue_jobs :one
-- Frees the jobs of workers that are dead: their session's lock is free and stayed so for $4, or they were not heard of
-- for $1; and jobs past their deadline. After $2 crashes a job is dead. Safe when wrong: the old lease can no longer finish
-- anything. Tells also whether jobs of the kinds $3 wait to be run alone.
-- A live process that lost its session, as all do when the server restarts, has a moment to take its lock again.
with lost as materialized (
    select id from queue.worker
    where case
        when seen_at < clock_timestamp() - $1::interval then true
        when seen_at > clock_timestamp() - $4::interval then false
        when poll_only then false
        when pg_postmaster_start_time() > clock_timestamp() - interval '5 seconds' then false
        else pg_try_advisory_xact_lock(7411, id::int)
    end
),
orphan as materialized (
    select live.id, live.lease
    from queue.live
    where live.lease is not null
        and (
            live.deadline < clock_timestamp()
            or live.worker in (select id from lost)
            or not exists (select from queue.worker where worker.id = live.worker)
        )
    limit 1000
    -- A job whose final transaction is open is left alone: it is about to end well.
    for update of live skip locked
),
freed as (
    update queue.live
    set lease = null, worker = null, deadline = null, crashes = crashes + 1,
        last_error = 'the worker vanished or the job ran past its deadline'
    from orphan
    where live.id = orphan.id and live.lease = orphan.lease and live.crashes + 1 < $2::int
    returning live.id
),
poisonous as (
    delete from queue.live using orphan
    where live.id = orphan.id and live.lease = orphan.lease and live.crashes + 1 >= $2::int
    returning live.*
),
buried as (
    insert into queue.outcome (
        id, kind, park, state, priority, attempt, crashes, unique_key, enqueued_at, run_at, started_at, worker, lease,
        last_error, payload
    )
    select
        id, kind, park, 'dead', priority, attempt, crashes + 1, unique_key, enqueued_at, run_at, started_at, worker,
        lease, 'quarantined: its process vanished ' || (crashes + 1) || ' times', payload
    from poisonous
),
unlocked as (
    delete from queue.unique_key using poisonous where unique_key.key = poisonous.unique_key
),
forgotten as (
    delete from queue.worker using lost
    where worker.id = lost.id and not exists (select from queue.live where live.worker = worker.id)
)
select
    (select count(*) from freed)::int as freed, (select count(*) from poisonous)::int as quarantined,
    exists (
        select from queue.live
        where lease is null and crashes > 0 and not held and kind = any ($3::text[]) and run_at <= clock_timestamp()
            and kind <> all (array(select name from queue.pause where scope = 'kind'))
            and (park is null or park <> all (array(select name from queue.pause where scope = 'park')))
    ) as suspects_wait
