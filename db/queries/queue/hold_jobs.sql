-- hold_jobs :one
-- Puts aside the waiting jobs of paused parks among the next $2 jobs above $1, so that claims need not walk past them.
-- `last` is where the next batch begins; null at the end, or where no park is paused. A job that is locked is about to
-- be claimed or changed, and is left to the next round.
with looked as materialized (
    select id, park, lease is null and not held as waits from queue.live
    where id > $1::bigint and exists (select from queue.pause where scope = 'park')
    order by id
    limit $2::int
),
chosen as materialized (
    select live.id
    from looked join queue.live on live.id = looked.id
    where looked.waits and looked.park in (select name from queue.pause where scope = 'park')
        and live.lease is null and not live.held
    for update of live skip locked
),
held as (
    update queue.live set held = true from chosen where live.id = chosen.id returning live.id
)
select
    (select max(id) from looked having count(*) = $2::int) as last,
    (select count(*) from held)::int as held
