-- versioned_listings :many
-- The listings of amenities ($1) with their versions, and until when each may be shown as it stands if it keeps its version.
select
    amenity, facts, named, category, region, latitude, longitude, verified, schedule, version, verified_until
from catalog.shown
where amenity = any ($1::uuid[])
