-- read_clock :one
-- The queue's clock, in whole seconds since 1970.
select floor(extract(epoch from queue.now()))::bigint as now
