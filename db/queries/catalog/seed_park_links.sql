-- seed_park_links :one
-- Writes the staged ways to parks.
-- Unchanged rows are not written at all.
with written as (
    insert into catalog.park_link as kept (
        amenity, park, road_m, drive_minutes, walk_minutes, source, as_of
    )
    select
        amenity.id, cell.park, cell.road_m, cell.drive_minutes, cell.walk_minutes, cell.source, cell.as_of
    from
        pg_temp.seed_row staged,
        jsonb_to_record(staged.fields) as cell (
            amenity text, park text, road_m integer, drive_minutes smallint, walk_minutes smallint, source text,
            as_of text
        )
        join catalog.amenity on amenity.slug = cell.amenity
    where staged.file = 'park_links'
    on conflict (amenity, park) do update set
        road_m = excluded.road_m, drive_minutes = excluded.drive_minutes, walk_minutes = excluded.walk_minutes,
        source = excluded.source, as_of = excluded.as_of
    where (
        kept.road_m, kept.drive_minutes, kept.walk_minutes, kept.source, kept.as_of
    ) is distinct from (
        excluded.road_m, excluded.drive_minutes, excluded.walk_minutes, excluded.source, excluded.as_of
    )
    returning xmax = 0 as is_new
)
select count(*) filter (where is_new), count(*) filter (where not is_new) from written
