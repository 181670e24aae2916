-- add_pause :one
-- Pauses $2, a $1 (kind or park), because of $3. One that is paused already keeps its time and gets the new reason, if
-- there is one.
with added as (
    insert into queue.pause as pause (scope, name, reason)
    values ($1::text, $2::text, $3::text)
    on conflict (scope, name) do update set reason = coalesce(excluded.reason, pause.reason)
    returning to_json(since) #>> '{}' as since, paused_by, reason, xmax = 0 as is_new
)
select since, paused_by, reason, is_new from added
