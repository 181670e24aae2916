-- stream_bounds :one
-- The last number given, up to which one nothing is kept, and from which one on ends of jobs were written down.
select last, pruned, jobs_since from service.stream
