-- ping_catalog :one
select 1
