-- retry_job :one
-- Makes a waiting job due at once, or a dead or cancelled one wait anew with a clean count; $1 job.
-- Null where there is no such job; changed is false where its state, or a key that another job holds by now, forbids it.
with hastened as (
    update queue.live set run_at = clock_timestamp()
    where id = $1::bigint and lease is null and run_at > clock_timestamp()
    returning id
),
buried as materialized (
    select * from queue.outcome where id = $1::bigint and state in ('dead', 'cancelled') for update
),
key as (
    insert into queue.unique_key as taken (key, job)
    select unique_key, id from buried where unique_key is not null
    on conflict (key) do update set job = excluded.job, keep_until = null
        where taken.keep_until < clock_timestamp()
    returning key
),
risen as (
    delete from queue.outcome using buried
    where outcome.id = buried.id and (buried.unique_key is null or exists (select from key))
    returning outcome.*
),
revived as (
    insert into queue.live (id, kind, park, priority, payload, unique_key, enqueued_at, last_error)
    select id, kind, park, priority, payload, unique_key, enqueued_at, last_error from risen
    returning id
)
select
    (select state from queue.job where id = $1::bigint) as state,
    exists (select from hastened) or exists (select from revived) as changed
