-- When amenities are open, what China's public holidays are, and how sure the facts are.

-- The days that a notice of the State Council names: those of holidays, and weekend days worked in exchange.
create table catalog.calendar_day (
    day date primary key,
    -- The year that the notice arranges; New Year may begin in the last days of the year before.
    year integer not null,
    kind text not null check (kind in ('holiday', 'makeup')),
    name_zh text not null,
    name_en text not null,
    source text not null references catalog.source,
    check (kind = 'holiday' or extract(isodow from day) in (6, 7))
);

create table catalog.opening_hours (
    amenity uuid primary key references catalog.amenity on delete cascade,
    -- In the syntax of OpenStreetMap's opening_hours. What is beyond our subset of it is a note, and the state unknown.
    expression text not null,
    -- What the amenity does on weekend days that are worked in exchange for a holiday.
    makeup text not null default 'unknown' check (makeup in ('as_weekday', 'as_weekend', 'unknown')),
    source text not null references catalog.source,
    as_of text,
    confidence text not null check (confidence in ('high', 'medium', 'low'))
);

-- What somebody found who checked a group of an amenity's fields, or what a user reported. Writing a record is no check:
-- `updated_at` and `as_of` confirm nothing.
create table catalog.field_check (
    id bigint generated always as identity primary key,
    amenity uuid not null references catalog.amenity on delete cascade,
    field_group text not null check (field_group in (
        'existence', 'phone', 'hours', 'languages', 'admission', 'fees', 'insurance', 'accreditation'
    )),
    method text not null check (method in ('phone', 'site_visit', 'website', 'owner', 'document', 'user_report')),
    -- `confirmed`: as recorded; `changed`: put right by the check; `unreachable`: nobody answered; `wrong`: reported, and
    -- not decided yet.
    result text not null check (result in ('confirmed', 'changed', 'unreachable', 'wrong')),
    checked_at timestamptz not null default clock_timestamp(),
    checked_by text,
    note text
);

create index field_check_by_amenity on catalog.field_check (amenity, field_group, checked_at);

-- How long a check of a group of fields holds: 90 days for phone and hours where people are ill or hungry and for lists of
-- insurers, a year for that the place exists, half a year else.
create function catalog.check_interval(field_group text, category text) returns interval
language sql immutable parallel safe as $$
select case
    when field_group in ('existence', 'accreditation') then interval '365 days'
    when field_group = 'insurance' then interval '90 days'
    when field_group in ('phone', 'hours') and split_part(category, '.', 1) in ('health', 'food') then interval '90 days'
    else interval '180 days'
end
$$;

-- When a check is due again. Rules of admission and fees change with the school year, on 1 March and 1 September.
create function catalog.next_check(field_group text, category text, checked_at timestamptz) returns timestamptz
language sql stable parallel safe as $$
select case
    when field_group in ('admission', 'fees') then (
        select min(term) at time zone 'Asia/Shanghai'
        from (select checked_at at time zone 'Asia/Shanghai' as local) there,
            generate_series(0, 1) years,
            lateral (
                values (date_trunc('year', local) + make_interval(years => years, months => 2)),
                    (date_trunc('year', local) + make_interval(years => years, months => 8))
            ) start (term)
        where term > local
    )
    else checked_at + catalog.check_interval(field_group, category)
end
$$;

-- The last moment that a date as facts have it ("2020", "2020-01", "2020-01-22") may mean.
create function catalog.latest_moment(as_of text) returns timestamptz
language sql immutable parallel safe as $$
select case length(as_of)
    when 4 then make_timestamptz(as_of::integer + 1, 1, 1, 0, 0, 0, 'Asia/Shanghai')
    when 7 then (make_date(left(as_of, 4)::integer, right(as_of, 2)::integer, 1) + interval '1 month')
        at time zone 'Asia/Shanghai'
    when 10 then (as_of::date + 1)::timestamp at time zone 'Asia/Shanghai'
end
$$;

-- How fresh a group of fields is: `reported` as wrong since it was last confirmed; `confirmed` until the next check is due,
-- which a vain attempt makes at once; then `due`, and `overdue` after half the interval more. What was never confirmed is
-- `due` while the fact itself is young, else `overdue`.
create function catalog.freshness_state(
    field_group text, category text, as_of text,
    confirmed_at timestamptz, reported_at timestamptz, failed_at timestamptz, now timestamptz
) returns text
language sql stable parallel safe as $$
select case
    when reported_at > coalesce(confirmed_at, '-infinity') then 'reported'
    when confirmed_at is null then case
        when catalog.latest_moment(as_of) + catalog.check_interval(field_group, category) > now then 'due'
        else 'overdue'
    end
    when now < due_at then 'confirmed'
    when now < due_at + catalog.check_interval(field_group, category) / 2 then 'due'
    else 'overdue'
end
from (
    select case
        when failed_at > confirmed_at then least(failed_at, next_check)
        else next_check
    end as due_at
    from (select catalog.next_check(field_group, category, confirmed_at) as next_check) scheduled
) schedule
$$;

-- Every group of fields that an amenity has facts in, with the date of those facts.
create view catalog.field_group as
select id as amenity, category, 'existence' as field_group, as_of from catalog.amenity
union all
select id, category, 'phone', as_of from catalog.amenity where phone is not null
union all
select id, category, 'admission', as_of from catalog.amenity where admits is not null
union all
select amenity.id, amenity.category, 'hours', hours.as_of
from catalog.opening_hours hours join catalog.amenity on amenity.id = hours.amenity
union all
select amenity.id, amenity.category, 'languages', min(offer.as_of)
from catalog.language_offer offer join catalog.amenity on amenity.id = offer.amenity
group by amenity.id
union all
select amenity.id, amenity.category, 'accreditation', min(accreditation.as_of)
from catalog.accreditation join catalog.amenity on amenity.id = accreditation.amenity
group by amenity.id;

-- How fresh each group of an amenity's fields is, with the method and date of the last confirmation. Any confirmation also
-- says that the place exists.
create view catalog.freshness as
select
    field_group.amenity,
    field_group.field_group,
    catalog.freshness_state(
        field_group.field_group, field_group.category, field_group.as_of,
        confirmed.checked_at, latest.reported_at, latest.failed_at, clock_timestamp()
    ) as state,
    confirmed.method,
    confirmed.checked_at as confirmed_at,
    latest.reported_at,
    catalog.next_check(field_group.field_group, field_group.category, confirmed.checked_at) as next_check
from catalog.field_group
left join lateral (
    select method, checked_at
    from catalog.field_check checked
    where checked.amenity = field_group.amenity
        and (checked.field_group = field_group.field_group or field_group.field_group = 'existence')
        and checked.result in ('confirmed', 'changed')
    order by checked_at desc
    limit 1
) confirmed on true
cross join lateral (
    select
        max(checked_at) filter (where result = 'wrong') as reported_at,
        max(checked_at) filter (where result = 'unreachable') as failed_at
    from catalog.field_check checked
    where checked.amenity = field_group.amenity and checked.field_group = field_group.field_group
) latest;

-- How fresh an amenity is as a whole, as {state, at, method}: reported where any of its groups is, else as its existence.
create function catalog.verified(amenity uuid) returns json
language sql stable parallel safe as $$
select json_build_object(
    'state', case when bool_or(state = 'reported') then 'reported'
        else max(state) filter (where field_group = 'existence') end,
    'at', max(confirmed_at) filter (where field_group = 'existence'),
    'method', max(method) filter (where field_group = 'existence')
)
from catalog.freshness where freshness.amenity = verified.amenity
$$;
