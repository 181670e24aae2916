-- list_changes :many
-- The amenities that changed after a transaction and an amenity ($1, $2), each once with its last change; $3 none before
-- that time, $4 rows. Nothing of transactions that another one, still running, may yet come before.
select amenity, slug, kind, xid::text as transaction, to_json(at)::text as at
from catalog.change
where (xid, amenity) > ($1::text::xid8, $2::uuid)
    and xid < pg_snapshot_xmin(pg_current_snapshot())
    and ($3::timestamptz is null or at >= $3::timestamptz)
order by xid, amenity
limit $4::int
