-- What a record tells beyond what an amenity is found by: facts that have a shape of their own, each with its source.

-- A department of a hospital, or a school that gives lessons in another's rooms: a service of the whole, with its own
-- hours, phones and languages, and no duplicate of it.
create table catalog.amenity_part (
    amenity uuid primary key references catalog.amenity on delete cascade,
    whole uuid not null references catalog.amenity on delete cascade,
    source text not null references catalog.source,
    check (amenity <> whole)
);

create index amenity_part_by_whole on catalog.amenity_part (whole);

-- What is taught in which grades: a class of school, a grade and a curriculum are one fact. The programmes of the
-- International Baccalaureate are authorised one by one.
create table catalog.programme (
    amenity uuid not null references catalog.amenity on delete cascade,
    curriculum text not null references catalog.term check (curriculum like 'a.curr.%'),
    -- As the school counts them, such as K-12.
    grades text not null,
    status text not null check (status in ('offered', 'authorised', 'candidate', 'ended', 'unknown')),
    valid_from text,
    valid_to text,
    source text not null references catalog.source,
    as_of text,
    confidence text not null check (confidence in ('high', 'medium', 'low')),
    primary key (amenity, curriculum, grades)
);

-- Whom a place takes and whom it does not, rule by rule.
create table catalog.admission_rule (
    amenity uuid not null references catalog.amenity on delete cascade,
    position smallint not null check (position > 0),
    decision text not null check (decision in ('admitted', 'refused', 'on_request')),
    -- In English, as the source has it.
    who text not null,
    -- ISO 3166-1 alpha-2; null where the rule is for any.
    nationalities text[],
    min_age smallint check (min_age between 0 and 120),
    max_age smallint check (max_age between 0 and 120),
    source text not null references catalog.source,
    as_of text,
    confidence text not null check (confidence in ('high', 'medium', 'low')),
    primary key (amenity, position),
    check (min_age <= max_age)
);

create table catalog.fee (
    amenity uuid not null references catalog.amenity on delete cascade,
    label text not null,
    -- The same where there is one price only.
    low numeric not null check (low >= 0),
    high numeric not null,
    -- ISO 4217.
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    period text not null check (period in ('once', 'visit', 'lesson', 'night', 'month', 'term', 'year')),
    source text not null references catalog.source,
    as_of text,
    confidence text not null check (confidence in ('high', 'medium', 'low')),
    primary key (amenity, label, period),
    check (low <= high)
);

-- Numbers beside the one that the amenity is found by.
create table catalog.phone_line (
    amenity uuid not null references catalog.amenity on delete cascade,
    -- E.164, or a short number of China such as 120.
    phone text not null check (phone ~ '^(\+[0-9]{7,15}|[0-9]{3,6})$'),
    kind text not null check (kind in ('front_desk', 'appointments', 'emergency', 'department', 'hotline', 'fax')),
    -- The language that is spoken there.
    lang text,
    note text,
    source text not null references catalog.source,
    as_of text,
    confidence text not null check (confidence in ('high', 'medium', 'low')),
    primary key (amenity, phone)
);

-- How far an amenity is from a park by road, where somebody has measured it; the distance through the air follows from
-- where both lie.
create table catalog.park_link (
    amenity uuid not null references catalog.amenity on delete cascade,
    park text not null references catalog.park on delete cascade,
    road_m integer check (road_m >= 0),
    drive_minutes smallint check (drive_minutes >= 0),
    walk_minutes smallint check (walk_minutes >= 0),
    source text not null references catalog.source,
    as_of text,
    primary key (amenity, park)
);

-- Where a single field comes from, if not from the source of its record.
create table catalog.field_source (
    amenity uuid not null references catalog.amenity on delete cascade,
    field text not null check (field in (
        'address', 'phone', 'website', 'location', 'status', 'attributes', 'admits', 'notes', 'category'
    )),
    source text not null references catalog.source,
    as_of text,
    primary key (amenity, field)
);

-- As of the other parts of a record: what changes is noted, told, and deleted before it is truncated.
do $$
declare
    name text;
begin
    foreach name in array array[
        'amenity_part', 'programme', 'admission_rule', 'fee', 'phone_line', 'park_link', 'field_source'
    ] loop
        execute format(
            'create trigger note_insert after insert on catalog.%1$I referencing new table as changed_rows '
            'for each statement execute function catalog.part_changed(); '
            'create trigger note_update after update on catalog.%1$I '
            'referencing old table as old_rows new table as changed_rows '
            'for each statement execute function catalog.part_changed(); '
            'create trigger note_delete after delete on catalog.%1$I referencing old table as changed_rows '
            'for each statement execute function catalog.part_changed(); '
            'create trigger tell_insert after insert on catalog.%1$I referencing new table as changed '
            'for each statement execute function service.tell_amenity_facts(); '
            'create trigger tell_update after update on catalog.%1$I referencing new table as changed '
            'for each statement execute function service.tell_amenity_facts(); '
            'create trigger tell_delete after delete on catalog.%1$I referencing old table as changed '
            'for each statement execute function service.tell_amenity_facts(); '
            'create trigger tell_change after insert or update or delete or truncate on catalog.%1$I '
            'for each statement execute function catalog.tell_change(); '
            'create trigger delete_rows before truncate on catalog.%1$I '
            'for each statement execute function catalog.delete_rows()', name
        );
    end loop;
end
$$;

-- The groups of fields that need checking, with those of the new facts.
create or replace view catalog.field_group as
select id as amenity, category, 'existence' as field_group, as_of from catalog.amenity
union all
select id, category, 'phone', as_of from catalog.amenity where phone is not null
union all
select id, category, 'insurance', as_of from catalog.amenity
where exists (select from unnest(attributes) code where code like 'a.ins%')
union all
select amenity.id, amenity.category, 'admission', coalesce(min(rule.as_of), amenity.as_of)
from catalog.amenity left join catalog.admission_rule rule on rule.amenity = amenity.id
where amenity.admits is not null or rule.amenity is not null
group by amenity.id
union all
select amenity.id, amenity.category, 'fees', min(fee.as_of)
from catalog.fee join catalog.amenity on amenity.id = fee.amenity
group by amenity.id
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

-- The parts of records as their readers see them.
create view catalog.part_of_record with (security_invoker = true) as
select
    amenity.id as amenity,
    json_strip_nulls(json_build_object(
        'part_of', (
            select json_build_object('id', whole.id, 'slug', whole.slug, 'category', whole.category)
            from catalog.amenity_part part join catalog.amenity whole on whole.id = part.whole
            where part.amenity = amenity.id
        ),
        'services', (
            select json_agg(json_build_object(
                'id', own.id, 'slug', own.slug, 'category', own.category
            ) order by own.slug)
            from catalog.amenity_part part join catalog.amenity own on own.id = part.amenity
            where part.whole = amenity.id
        ),
        'programmes', (
            select json_agg(json_build_object(
                'curriculum', curriculum, 'grades', grades, 'status', status, 'valid_from', valid_from,
                'valid_to', valid_to, 'source', source, 'as_of', as_of, 'confidence', confidence
            ) order by curriculum, grades)
            from catalog.programme where programme.amenity = amenity.id
        ),
        'admission_rules', (
            select json_agg(json_build_object(
                'decision', decision, 'who', who, 'nationalities', nationalities, 'min_age', min_age,
                'max_age', max_age, 'source', rule.source, 'as_of', rule.as_of, 'confidence', rule.confidence
            ) order by position)
            from (
                select position, decision, who, nationalities, min_age, max_age, source, as_of, confidence
                from catalog.admission_rule where admission_rule.amenity = amenity.id
                union all
                -- By law, whatever else is known of such a school.
                select 0, 'refused', 'resident Chinese nationals', array['CN'], null, null, amenity.source,
                    amenity.as_of, amenity.confidence
                where amenity.admits = 'foreign' or amenity.category = 'edu.foreign'
            ) rule
        ),
        'fees', (
            select json_agg(json_build_object(
                'label', label, 'low', low, 'high', high, 'currency', currency, 'period', period, 'source', source,
                'as_of', as_of, 'confidence', confidence
            ) order by label, period)
            from catalog.fee where fee.amenity = amenity.id
        ),
        'parks', (
            select json_agg(json_build_object(
                'park', park.id, 'distance_m', round(st_distance(park.location, amenity.location)),
                'road_m', link.road_m, 'drive_minutes', link.drive_minutes, 'walk_minutes', link.walk_minutes,
                'source', link.source, 'as_of', link.as_of
            ) order by st_distance(park.location, amenity.location), park.id)
            from catalog.park
            left join catalog.park_link link on link.park = park.id and link.amenity = amenity.id
            where link.park is not null or st_dwithin(park.location, amenity.location, 50000)
        ),
        'field_sources', (
            select json_agg(json_build_object('field', field, 'source', source, 'as_of', as_of) order by field)
            from catalog.field_source where field_source.amenity = amenity.id
        )
    )) as facts,
    array(select phone from catalog.phone_line line where line.amenity = amenity.id order by kind, phone) as phones,
    array(
        select jsonb_strip_nulls(jsonb_build_object(
            'use', kind, 'lang', lang, 'note', note, 'source', source, 'as_of', as_of
        ))
        from catalog.phone_line line where line.amenity = amenity.id order by kind, phone
    ) as phone_facts,
    array(
        select source from catalog.amenity_part where amenity_part.amenity = amenity.id
        union select source from catalog.programme where programme.amenity = amenity.id
        union select source from catalog.admission_rule where admission_rule.amenity = amenity.id
        union select source from catalog.fee where fee.amenity = amenity.id
        union select source from catalog.phone_line where phone_line.amenity = amenity.id
        union select source from catalog.park_link where park_link.amenity = amenity.id
        union select source from catalog.field_source where field_source.amenity = amenity.id
    ) as sources
from catalog.amenity;

-- The same, made when it changes: gathered at every look it would take twice as long as all the rest of the record.
create table catalog.record_part (
    amenity uuid primary key references catalog.amenity on delete cascade,
    facts json not null,
    phones text[] not null,
    phone_facts jsonb[] not null,
    sources text[] not null
);

-- Writes the parts of amenities anew, and of what they are services of, which tells their category.
create function catalog.write_parts(ids uuid[]) returns void
language sql as $$
insert into catalog.record_part
select part.amenity, part.facts, part.phones, part.phone_facts, part.sources
from catalog.part_of_record part
where part.amenity in (
    select unnest(ids) union select whole from catalog.amenity_part where amenity_part.amenity = any (ids)
)
on conflict (amenity) do update set
    facts = excluded.facts, phones = excluded.phones, phone_facts = excluded.phone_facts, sources = excluded.sources
$$;

create function catalog.parts_changed() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform catalog.write_parts((select array_agg(distinct amenity) from changed_rows));
    return null;
end
$$;

create function catalog.wholes_changed() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform catalog.write_parts((select array_agg(distinct whole) from changed_rows));
    return null;
end
$$;

create function catalog.amenity_parts_changed() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform catalog.write_parts((select array_agg(id) from changed_rows));
    return null;
end
$$;

create function catalog.parks_moved() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform catalog.write_parts((select array_agg(id) from catalog.amenity where location is not null));
    return null;
end
$$;

do $$
declare
    name text;
begin
    foreach name in array array[
        'amenity_part', 'programme', 'admission_rule', 'fee', 'phone_line', 'park_link', 'field_source'
    ] loop
        execute format(
            'create trigger write_new_parts after insert on catalog.%1$I referencing new table as changed_rows '
            'for each statement execute function catalog.parts_changed(); '
            'create trigger write_new_part after update on catalog.%1$I referencing new table as changed_rows '
            'for each statement execute function catalog.parts_changed(); '
            'create trigger write_old_part after update on catalog.%1$I referencing old table as changed_rows '
            'for each statement execute function catalog.parts_changed(); '
            'create trigger write_old_parts after delete on catalog.%1$I referencing old table as changed_rows '
            'for each statement execute function catalog.parts_changed()', name
        );
    end loop;
end
$$;

create trigger write_old_whole after update on catalog.amenity_part referencing old table as changed_rows
    for each statement execute function catalog.wholes_changed();
create trigger write_old_wholes after delete on catalog.amenity_part referencing old table as changed_rows
    for each statement execute function catalog.wholes_changed();
create trigger write_new_parts after insert on catalog.amenity referencing new table as changed_rows
    for each statement execute function catalog.amenity_parts_changed();
create trigger write_changed_parts after update on catalog.amenity referencing new table as changed_rows
    for each statement execute function catalog.amenity_parts_changed();
create trigger parks_moved after insert or update or delete or truncate on catalog.park
    for each statement execute function catalog.parks_moved();

do $$
declare
    made regprocedure;
begin
    foreach made in array array[
        'catalog.parts_changed()', 'catalog.wholes_changed()', 'catalog.amenity_parts_changed()',
        'catalog.parks_moved()'
    ]::regprocedure[] loop
        execute format('revoke all on function %s from public', made);
    end loop;
end
$$;

-- What stands in the catalogue already.
select catalog.write_parts((select array_agg(id) from catalog.amenity));
