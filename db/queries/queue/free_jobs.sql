-- free_jobs :one
-- Gives back jobs that were put aside for a park which is paused no more, the first to be claimed first;
-- $1 how many a park.
with recursive held_park as (
    -- Not min(): with statistics from before the pause the planner counts through all that is held.
    (select park from queue.live where held order by park limit 1)
    union all
    select (select park from queue.live where held and park > held_park.park order by park limit 1)
    from held_park where held_park.park is not null
),
chosen as materialized (
    select head.id
    from held_park cross join lateral (
        select id from queue.live
        where held and park = held_park.park
        order by priority, run_at, id
        limit $1::int
        for update skip locked
    ) as head
    where not exists (select from queue.pause where scope = 'park' and name = held_park.park)
),
freed as (
    update queue.live set held = false from chosen where live.id = chosen.id returning live.id
)
select count(*)::int as freed from freed
