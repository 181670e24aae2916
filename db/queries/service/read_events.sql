-- read_events :many
-- Events of these topics behind a number, in order; $1 the number, $2 up to which one, $3 topics, $4 how many at most.
select seq, topic, object, park, payload, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at
from service.read_events($1::bigint, $2::bigint, $3::text[], $4::int)
