-- keep_days :one
-- Makes the partitions of queue.ended for today and the next days; tells how many were missing.
select queue.keep_days() as made
