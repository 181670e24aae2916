-- holidays_around :one
-- The time that is asked about, $1 or now, and the public holidays and worked weekend days around it: from two days before
-- to the year in which hours look for their next change.
with asked as (
    select coalesce($1::timestamptz, clock_timestamp()) as at
)
select
    at,
    coalesce(array_agg(day order by day) filter (where day is not null), '{}') as days,
    coalesce(array_agg(kind order by day) filter (where day is not null), '{}') as kinds,
    array(select distinct year from catalog.calendar_day) as declared_years
from asked
left join catalog.calendar_day on day between (at at time zone 'Asia/Shanghai')::date - 2
    and (at at time zone 'Asia/Shanghai')::date + 370
group by at
