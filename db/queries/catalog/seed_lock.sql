-- seed_lock :exec
-- Seeds the catalogue one at a time: two at once would wait for each other's rows in a circle.
-- Freed by the transaction's end.
select pg_advisory_xact_lock(hashtext('amenity db seed'))
