-- read_clock :one
-- The database's clock, in whole seconds since 1970.
select floor(extract(epoch from clock_timestamp()))::bigint as now
