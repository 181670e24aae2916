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

-- The next 1 March or 1 September in China after a time: two months earlier, the next half of a year begins.
create function catalog.next_school_term(after timestamptz) returns timestamptz
language sql stable parallel safe as $$
select (
    date_trunc('year', (after at time zone 'Asia/Shanghai') - interval '2 months')
    + interval '6 months'
        * (1 + (extract(month from (after at time zone 'Asia/Shanghai') - interval '2 months') > 6)::integer)
    + interval '2 months'
) at time zone 'Asia/Shanghai'
$$;

-- When a check is due again. Rules of admission and fees change with the school year.
create function catalog.next_check(field_group text, category text, checked_at timestamptz) returns timestamptz
language sql stable parallel safe as $$
select case
    when field_group in ('admission', 'fees') then catalog.next_school_term(checked_at)
    else checked_at + catalog.check_interval(field_group, category)
end
$$;

-- The last moment that a date as facts have it ("2020", "2020-01", "2020-01-22") may mean.
create function catalog.latest_moment(as_of text) returns timestamptz
language sql stable parallel safe as $$
select case length(as_of)
    when 4 then make_timestamptz(as_of::integer + 1, 1, 1, 0, 0, 0, 'Asia/Shanghai')
    when 7 then (make_date(left(as_of, 4)::integer, right(as_of, 2)::integer, 1) + interval '1 month')
        at time zone 'Asia/Shanghai'
    when 10 then (as_of::date + 1)::timestamp at time zone 'Asia/Shanghai'
end
$$;

-- When the next check is due after a confirmation; a vain attempt since makes it due at once.
create function catalog.due_at(field_group text, category text, confirmed_at timestamptz, failed_at timestamptz)
returns timestamptz
language sql stable parallel safe as $$
select case
    when failed_at > confirmed_at then least(failed_at, catalog.next_check(field_group, category, confirmed_at))
    else catalog.next_check(field_group, category, confirmed_at)
end
$$;

-- From when a group of fields is no longer confirmed; what was never confirmed has never been.
create function catalog.due_from(field_group text, category text, confirmed_at timestamptz, failed_at timestamptz)
returns timestamptz
language sql stable parallel safe as $$
select coalesce(catalog.due_at(field_group, category, confirmed_at, failed_at), '-infinity')
$$;

-- From when its check is overdue: after half the interval more. What was never confirmed is due while the fact itself is
-- young.
create function catalog.overdue_from(
    field_group text, category text, as_of text, confirmed_at timestamptz, failed_at timestamptz
) returns timestamptz
language sql stable parallel safe as $$
select case
    when confirmed_at is null
        then coalesce(catalog.latest_moment(as_of) + catalog.check_interval(field_group, category), '-infinity')
    else catalog.due_at(field_group, category, confirmed_at, failed_at)
        + catalog.check_interval(field_group, category) / 2
end
$$;

-- How fresh facts are at a time: `reported` as wrong since they were last confirmed, else `confirmed`, `due` or `overdue`.
create function catalog.freshness_at(
    now timestamptz, is_reported boolean, due_from timestamptz, overdue_from timestamptz
) returns text
language sql immutable parallel safe as $$
select case
    when is_reported then 'reported'
    when now < due_from then 'confirmed'
    when now < overdue_from then 'due'
    else 'overdue'
end
$$;

create function catalog.freshness_state(
    field_group text, category text, as_of text,
    confirmed_at timestamptz, reported_at timestamptz, failed_at timestamptz, now timestamptz
) returns text
language sql stable parallel safe as $$
select catalog.freshness_at(
    now, reported_at > coalesce(confirmed_at, '-infinity'),
    catalog.due_from(field_group, category, confirmed_at, failed_at),
    catalog.overdue_from(field_group, category, as_of, confirmed_at, failed_at)
)
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
    catalog.freshness_at(clock_timestamp(), fresh.is_reported, fresh.due_from, fresh.overdue_from) as state,
    confirmed.method,
    confirmed.checked_at as confirmed_at,
    latest.reported_at,
    catalog.next_check(field_group.field_group, field_group.category, confirmed.checked_at) as next_check,
    fresh.is_reported, fresh.due_from, fresh.overdue_from
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
) latest
cross join lateral (
    select
        coalesce(latest.reported_at > coalesce(confirmed.checked_at, '-infinity'), false) as is_reported,
        catalog.due_from(
            field_group.field_group, field_group.category, confirmed.checked_at, latest.failed_at
        ) as due_from,
        catalog.overdue_from(
            field_group.field_group, field_group.category, field_group.as_of, confirmed.checked_at, latest.failed_at
        ) as overdue_from
) fresh;

-- How fresh each amenity is as a whole, as {state, at, method}: reported where any of its groups is, else as its existence,
-- which every confirmation confirms. A view and not a function, since its body is planned with the statement that asks, and
-- not anew for every call (measured: 20 rows in 0.2 instead of 0.8 ms).
create view catalog.verified as
select
    amenity.id as amenity,
    json_build_object(
        'state', catalog.freshness_at(clock_timestamp(), fresh.is_reported, fresh.due_from, fresh.overdue_from),
        'at', summary.confirmed_at,
        'method', summary.method
    ) as verified,
    summary.confirmed_at, summary.method, fresh.is_reported, fresh.due_from, fresh.overdue_from
from catalog.amenity
cross join lateral (
    select
        bool_or(reported_at > coalesce(proved_at, '-infinity')) as is_reported,
        max(confirmed_at) as confirmed_at,
        max(failed_at) filter (where field_group = 'existence') as failed_at,
        (array_agg(method order by confirmed_at desc nulls last))[1] as method
    from (
        select
            *,
            case when field_group = 'existence' then max(confirmed_at) over () else confirmed_at end as proved_at
        from (
            select
                field_group,
                max(checked_at) filter (where result in ('confirmed', 'changed')) as confirmed_at,
                max(checked_at) filter (where result = 'wrong') as reported_at,
                max(checked_at) filter (where result = 'unreachable') as failed_at,
                (array_agg(method order by checked_at desc) filter (where result in ('confirmed', 'changed')))[1]
                    as method
            from catalog.field_check checked
            where checked.amenity = amenity.id
            group by field_group
        ) groups
    ) proved
) summary
cross join lateral (
    select
        coalesce(summary.is_reported, false) as is_reported,
        catalog.due_from('existence', amenity.category, summary.confirmed_at, summary.failed_at) as due_from,
        catalog.overdue_from('existence', amenity.category, amenity.as_of, summary.confirmed_at, summary.failed_at)
            as overdue_from
) fresh;
