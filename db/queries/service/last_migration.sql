-- last_migration :one
-- The number of the last migration that was applied; null where none was.
select max(number)::int as number from public.amenity_migration
