-- ping_gaps :one
select 1
