-- number_events :one
-- Numbers events that are committed, and says where the numbers stand; null while another session is at it; $1 how many at
-- most.
select service.number_events($1::int) as last
