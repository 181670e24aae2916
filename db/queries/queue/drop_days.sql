-- drop_days :one
-- Drops the partitions of queue.ended in which everything ended longer ago than $1; tells how many jobs were in them.
select done, cancelled from queue.drop_days($1::interval)
