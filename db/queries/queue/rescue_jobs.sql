-- rescue_jobs :one
-- Frees the jobs of dead workers; $1 the silence after which a worker is dead, $2 how long its lock must have been free, $3
-- after how many crashes a job is; $4 whether to look at deadlines too.
select freed, quarantined from queue.rescue($1::interval, $2::interval, $3::int, $4::bool)
