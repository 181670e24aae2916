-- ping_queue :one
select 1
