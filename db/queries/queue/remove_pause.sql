-- remove_pause :optional
-- Ends the pause of $2, a $1 (kind or park), and tells since when it lasted; no row where there was none.
delete from queue.pause
where scope = $1::text and name = $2::text
returning to_json(since) #>> '{}' as since, paused_by, reason
