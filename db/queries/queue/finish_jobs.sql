-- finish_jobs :one
-- Ends jobs as done, all of them or none: raises QL001 if a lease is no longer held, and the transaction's other
-- effects go with it. $1 jobs, $2 their generations, $3 their leases, $4 their results, empty for none.
select queue.finish($1::bigint[], $2::smallint[], $3::bigint[], $4::text[]) as ended
