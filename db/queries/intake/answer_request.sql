-- answer_request :exec
-- Writes a request's answer and the next entries of its timeline; $1 request, $2 park, $3 understood, $4 status,
-- $5 matches, $6 nearest alternative.
with answered as (
    update intake.request
    set park = coalesce(park, $2::text), understood = $3::jsonb, status = $4::text, matches = $5::jsonb,
        nearest_alternative = $6::jsonb
    where id = $1::uuid
    returning id
)
insert into intake.event (request, status)
select answered.id, entry.status
from answered cross join unnest(array['understood', $4::text]) with ordinality entry (status, position)
order by entry.position
