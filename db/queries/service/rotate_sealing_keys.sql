-- rotate_sealing_keys :one
-- Makes a new key when the newest is old, and drops what was replaced long ago; $1 how long one is the newest, $2 how long
-- one opens cursors after that.
with made as (
    insert into service.sealing_key (key)
    select service.random_key()
    where not exists (select from service.sealing_key where created_at > clock_timestamp() - $1::interval)
    returning id
),
dropped as (
    delete from service.sealing_key old
    where exists (
        select from service.sealing_key newer
        where newer.id > old.id and newer.created_at < clock_timestamp() - $2::interval
    )
    returning id
)
select (select count(*) from made) as made, (select count(*) from dropped) as dropped
