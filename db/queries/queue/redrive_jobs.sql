-- redrive_jobs :one
-- Has the next $4 dead jobs of kind $1 and park $2, null for any, above the id $3 wait anew that died before $5, null for
-- now; see queue.redrive.
select last, retried, held, died_before
from queue.redrive($1::text, $2::text, $3::bigint, $4::int, $5::timestamptz)
