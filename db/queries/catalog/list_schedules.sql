-- list_schedules :many
-- Every different schedule (what is done on worked weekend days, and the expression), to find those open at a time.
select distinct makeup || ' ' || expression from catalog.opening_hours
