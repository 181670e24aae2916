-- adopt_jobs :one
-- Gives running jobs that stand in no lease, which should never be, one in which they can be rescued. Reads all that waits.
select queue.adopt() as adopted
