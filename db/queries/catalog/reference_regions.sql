-- reference_regions :many
-- The regions, each with its seat.
select adcode, parent, level, name_zh, name_en, st_y(seat::geometry) as latitude, st_x(seat::geometry) as longitude
from catalog.region
order by adcode
