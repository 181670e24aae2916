-- zone_offsets :many
-- How many seconds zone $1 is ahead of UTC from second $2 after 1970 until second $3 or two years from now, whichever is
-- later: one row for the beginning and one for each change. A look a day finds that there was a change, and then one an
-- hour and one a minute where it was. Two changes within a day are unheard of.
with shown as (
    select at, extract(epoch from (at at time zone $1::text) - (at at time zone 'UTC'))::int as ahead
    from generate_series(
        to_timestamp($2::bigint), greatest(to_timestamp($3::bigint), queue.now() + interval '2 years'),
        interval '24 hours'
    ) as at
),
compared as (
    select at, ahead, lag(at) over in_order as at_before, lag(ahead) over in_order as ahead_before
    from shown
    window in_order as (order by at)
)
select extract(epoch from coalesce(minute.at, compared.at))::bigint as at, ahead
from compared
left join lateral (
    select min(at) as at from generate_series(at_before, compared.at, interval '1 hour') as at
    where extract(epoch from (at at time zone $1::text) - (at at time zone 'UTC'))::int <> ahead_before
) as hour on true
left join lateral (
    select min(at) as at
    from generate_series(date_trunc('minute', hour.at - interval '1 hour'), hour.at, interval '1 minute') as at
    where extract(epoch from (at at time zone $1::text) - (at at time zone 'UTC'))::int <> ahead_before
) as minute on true
where ahead is distinct from ahead_before
order by at
