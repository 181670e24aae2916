-- ping_access :one
select 1
