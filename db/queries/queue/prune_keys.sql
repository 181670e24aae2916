-- prune_keys :one
-- Deletes, among the next $2 unique keys above $1, those whose window is over. `last` is where the next batch begins;
-- null at the end. A key that is being taken anew is locked, and stays.
with looked as materialized (
    select key from queue.unique_key where key > $1::text order by key limit $2::int
),
expired as materialized (
    select unique_key.key
    from looked join queue.unique_key on unique_key.key = looked.key
    where unique_key.keep_until < queue.now()
    for update of unique_key skip locked
),
gone as (
    delete from queue.unique_key using expired where unique_key.key = expired.key returning 1
)
select (select max(key) from looked having count(*) = $2::int) as last, (select count(*) from gone)::int as keys
