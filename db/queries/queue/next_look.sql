-- next_look :one
-- Seconds until an entry of the schedule must be looked at, negative when that is overdue; null if there is none.
select extract(epoch from min(queue.look_at(schedule)) - queue.now())::float8 as seconds from queue.schedule
