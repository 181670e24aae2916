-- ping_intake :one
select 1
