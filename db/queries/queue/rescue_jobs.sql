-- rescue_jobs :one
-- Frees the jobs of dead workers, and tells whether jobs of the kinds $1 wait to be run alone; $2 the silence after which a
-- worker is dead, $3 how long its lock must have been free, $4 after how many crashes a job is; $5 whether to look at
-- deadlines too.
select freed, quarantined, suspects_wait from queue.rescue($1::text[], $2::interval, $3::interval, $4::int, $5::bool)
