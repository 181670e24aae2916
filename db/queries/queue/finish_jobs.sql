-- finish_jobs :one
-- Ends jobs as done, all of them or none: raises QL001 if a lease is no longer held, and the transaction's other
-- effects go with it. $1 jobs, $2 their leases, $3 their results, empty for none.
with ending as (
    select * from unnest($1::bigint[], $2::bigint[], $3::text[]) as ending (id, lease, result)
),
gone as (
    delete from queue.live using ending
    where live.id = ending.id and live.lease = ending.lease
    returning live.*, nullif(ending.result, '')::jsonb as result
),
kept as (
    insert into queue.outcome (
        id, kind, park, state, priority, attempt, crashes, unique_key, enqueued_at, run_at, started_at, worker, lease,
        last_error, payload, result
    )
    select
        id, kind, park, 'done', priority, attempt, crashes, unique_key, enqueued_at, run_at, started_at, worker, lease,
        last_error, payload, result
    from gone
),
released as (
    update queue.unique_key set keep_until = clock_timestamp() + interval '24 hours'
    from gone where unique_key.key = gone.unique_key
)
select queue.require_ended((select count(*) from gone), cardinality($1::bigint[])) as ended
