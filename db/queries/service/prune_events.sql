-- prune_events :one
-- Deletes events that are older than a time and numbered, so many at a time; $1 how old, $2 how many.
select service.prune_events($1::interval, $2::int) as pruned
