-- prune_outcomes :one
-- Deletes, among the next $2 outcomes above $1, those that ended more than $3 ago. `last` is where the next batch
-- begins; null at the end. Ids rise with the time of the enqueue, and no job ends before that: so the first batch that
-- was enqueued within $3 as a whole is the last, however many outcomes follow.
with looked as materialized (
    select id, state, finished_at < queue.now() - $3::interval as is_old,
        enqueued_at >= queue.now() - $3::interval as is_new
    from queue.outcome
    where id > $1::bigint
    order by id
    limit $2::int
),
gone as (
    delete from queue.outcome using looked where outcome.state = looked.state and outcome.id = looked.id and looked.is_old returning outcome.state
)
select
    (select max(id) from looked having count(*) = $2::int and not bool_and(is_new)) as last,
    count(*) filter (where state = 'done')::int as done,
    count(*) filter (where state = 'dead')::int as dead,
    count(*) filter (where state = 'cancelled')::int as cancelled
from gone
