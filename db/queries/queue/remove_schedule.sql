-- remove_schedule :exec
-- Takes the entry $1 out of the schedule, with the record of its firings; the jobs it made stay.
delete from queue.schedule where name = $1::text
