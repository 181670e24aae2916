-- finish_jobs :one
-- Ends jobs of one claim as done, all of them or none: raises QL001 if the lease of one is no longer held, and the
-- transaction's other effects go with it. $1 jobs, $2 the generation they are in, $3 their lease, $4 their results in the
-- same order, empty for none; an empty array where none has one.
select queue.finish($1::bigint[], $2::smallint, $3::bigint, $4::text[]) as ended
