-- What searches read: one row for each amenity that can be found, kept true by triggers, and the words to find it by, which
-- programs write, since folding text is their work. The words that queries are understood with stand here too.

create extension if not exists btree_gist;

-- Words of queries that are no terms of the taxonomy.
create table catalog.query_word (
    kind text not null
        check (kind in ('nationality', 'region', 'park', 'open', 'not', 'not_behind', 'or', 'study', 'filler')),
    -- A country (ISO 3166-1 alpha-2), a region's code, a park's id or the kind of school where one studies; empty for the
    -- other kinds.
    value text not null default '',
    lang text not null,
    word text not null,
    primary key (kind, value, lang, word)
);

-- Where a property is looked for when nobody says in which kind of place: a speciality in hospitals and clinics. And which
-- kinds of place may serve where none of the right kind is: an international clinic for a family doctor.
create table catalog.implied_category (
    -- The property, or the group that it belongs to, or the kind of place.
    attribute text not null references catalog.term on delete cascade,
    category text not null references catalog.term on delete cascade,
    -- 1 is the likeliest.
    place smallint not null,
    primary key (attribute, category)
);

-- How often the words, labels, regions and parks have changed: programs keep them in memory and read them anew when this
-- moves.
create table catalog.vocabulary_edition (
    edition bigint not null
);

insert into catalog.vocabulary_edition values (1);

-- These triggers run with the rights of the tables' owner: who may change a record need not be able to write what follows
-- from it.
create function catalog.turn_edition() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    update catalog.vocabulary_edition set edition = edition + 1;
    return null;
end
$$;

do $$
declare
    name text;
begin
    foreach name in array array[
        'term', 'synonym', 'query_word', 'implied_category', 'nationality_term', 'region', 'park', 'park_name'
    ] loop
        execute format(
            'create trigger turn_edition after insert or update or delete or truncate on catalog.%I '
            'for each statement execute function catalog.turn_edition()', name
        );
    end loop;
end
$$;

-- A place on a plane in metres: transverse Mercator around 120.75 E, 30.75 N with the ellipsoid's radii there. Distances on
-- it are right to 0.02 % within 100 km of Jiaxing, and good enough to sort by anywhere in China; those that are shown are
-- computed on the ellipsoid. Programs have the same function, so that no query has to project its point.
create function catalog.plane(latitude double precision, longitude double precision) returns point
language sql immutable strict parallel safe as $$
select point(
    6383725.362 * atanh(greatest(-0.999999, least(0.999999,
        cos(radians(latitude)) * sin(radians(longitude - 120.75))))),
    6352106.777 * (atan2(sin(radians(latitude)), cos(radians(latitude)) * cos(radians(longitude - 120.75)))
        - radians(30.75))
)
$$;

-- One row for every amenity that can be found: all that is not closed.
create table catalog.listing (
    amenity uuid primary key references catalog.amenity on delete cascade,
    slug text not null,
    category text not null,
    -- The category as a number, no two with the same: as a text it would make indexes twice as large, and be compared by the
    -- rules of a language.
    category_number integer not null generated always as (hashtext(category)) stored,
    region text not null,
    status text not null,
    -- On the plane; null where no location is known, and the region says where it is.
    spot point,
    latitude double precision,
    longitude double precision,
    -- Those of the record, the languages of service as a.lang.xx, and accreditations in force.
    attributes text[] not null,
    -- What is done on worked weekend days, and the expression; null where no hours are known.
    schedule text,
    confirmed_at timestamptz,
    is_reported boolean not null,
    -- From when a confirmation is due and overdue.
    due_from timestamptz not null,
    overdue_from timestamptz not null,
    -- What is shown as it stands, made when the record changes and not at every look: the members of an item that no reader
    -- and no hour changes, the rest of `verified` behind its state, and the names in use, best first, each as language,
    -- space, origin, space, name.
    facts json not null,
    proof text not null,
    named text not null,
    -- A hash of all that is shown: programs keep listings in memory, and see by it whether what they have is still true.
    version bigint not null generated always as (hash_record_extended(row(
        amenity, category, region, latitude, longitude, schedule, is_reported, due_from, overdue_from, facts::text, proof, named
    ), 0)) stored,
    -- Written by programs: the version of the fold, its names folded, a line each, and by language what they are sorted by.
    fold_version integer not null default 0,
    keys text not null default '',
    sort_keys jsonb not null default '{}',
    -- Lexemes: words, pairs of neighbouring characters of Chinese, Japanese and Korean and the last alone, ~ and a syllable
    -- of pinyin, + and a telephone number, = and a whole name. Weights: A names, B other names, C address, D the rest.
    words tsvector not null default ''
);

create unique index term_by_number on catalog.term (hashtext(code));
-- Which amenities are nearest, and whether what is known of them is true, is read from the index alone.
create index listing_by_category_and_spot on catalog.listing using gist (category_number, spot) include (amenity, version)
    where spot is not null;
create index listing_by_spot on catalog.listing using gist (spot) where spot is not null;
create index listing_by_category on catalog.listing (category, amenity);
create index listing_without_spot on catalog.listing (region, category) where spot is null;
create index listing_of_category_without_spot on catalog.listing (category) where spot is null;
create index listing_by_attribute on catalog.listing using gin (attributes) with (fastupdate = off);
create index listing_by_word on catalog.listing using gin (words) with (fastupdate = off);
create index listing_by_fold_version on catalog.listing (fold_version);

-- Names by their folded beginning, for completions.
create table catalog.search_name (
    key text collate "C" not null,
    amenity uuid not null references catalog.amenity on delete cascade,
    name text not null,
    lang text not null,
    primary key (key, amenity, lang)
);

create index search_name_by_amenity on catalog.search_name (amenity);

-- Every word of names in plain letters, to put slips of the hand right. Words that no name has any more do no harm.
create table catalog.search_word (
    word text primary key
);

create index search_word_by_trigram on catalog.search_word using gin (word gin_trgm_ops);

-- For each word those of names that look most like it, best first. The planner takes a hundredth of all words to look like
-- any, and would read them all.
create function catalog.nearest_words(asked text[]) returns table (word text, candidate text)
language sql stable
set enable_seqscan = off
set pg_trgm.similarity_threshold = 0.4
as $$
select one.word, near.word
from unnest(asked) one (word)
cross join lateral (
    select search_word.word
    from catalog.search_word
    where search_word.word operator(public.%) one.word
    order by public.similarity(search_word.word, one.word) desc, search_word.word
    limit 8
) near
$$;

-- Amenities whose words are not written yet, or not anew.
create table catalog.search_stale (
    amenity uuid primary key references catalog.amenity on delete cascade
);

-- The last change of each amenity, for those who keep a copy. In the order of transactions: who asks for what came after one
-- gets every later change once, and nothing of transactions that still run.
create table catalog.change (
    amenity uuid primary key,
    slug text not null,
    kind text not null check (kind in ('changed', 'removed')),
    xid xid8 not null default pg_current_xact_id(),
    at timestamptz not null default clock_timestamp()
);

create index change_by_transaction on catalog.change (xid, amenity);

-- The names in use of an amenity, best first, each as language, space, origin, space, name; its slug where it has none.
create function catalog.name_lines(amenity uuid, slug text) returns text
language sql stable as $$
select coalesce(
    string_agg(
        concat_ws(' ', lang, origin, translate(name, E'\n', ' ')), E'\n'
        order by array_position(array['official', 'signage', 'curator', 'community', 'machine'], origin), name
    ),
    'en machine ' || name_lines.slug
)
from catalog.amenity_name known where known.amenity = name_lines.amenity and known.kind = 'name'
$$;

-- What follows the state in `verified`, from the quotation mark that ends the state.
create function catalog.proof(confirmed_at timestamptz, method text) returns text
language sql stable as $$
select '"' || coalesce(',"at":' || to_json(confirmed_at)::text || ',"method":"' || method || '"', '')
$$;

-- Writes the listings of amenities anew.
create function catalog.list_amenities(ids uuid[]) returns void
language sql as $$
delete from catalog.listing
where amenity = any (ids)
    and not exists (select from catalog.amenity where amenity.id = listing.amenity and amenity.status <> 'closed');

insert into catalog.listing as kept (
    amenity, slug, category, region, status, spot, latitude, longitude, attributes, schedule, confirmed_at, is_reported,
    due_from, overdue_from, facts, proof, named
)
select
    amenity.id, amenity.slug, amenity.category, amenity.region, amenity.status,
    catalog.plane(place.latitude, place.longitude), place.latitude, place.longitude, offer.codes,
    (select makeup || ' ' || expression from catalog.opening_hours hours where hours.amenity = amenity.id),
    checks.confirmed_at, checks.is_reported, checks.due_from, checks.overdue_from,
    json_strip_nulls(json_build_object(
        'id', amenity.id, 'slug', amenity.slug, 'category', amenity.category,
        'location', case when place.latitude is not null then json_build_object(
            'lat', place.latitude, 'lon', place.longitude, 'datum', 'wgs84', 'precision', amenity.precision
        ) end,
        'languages', to_json(offer.langs), 'attributes', to_json(offer.codes), 'phone', amenity.phone
    )),
    catalog.proof(checks.confirmed_at, checks.method),
    catalog.name_lines(amenity.id, amenity.slug)
from unnest(ids) one (id)
join catalog.amenity on amenity.id = one.id
cross join lateral (
    select st_y(amenity.location::geometry) as latitude, st_x(amenity.location::geometry) as longitude
) place
cross join lateral (
    select
        langs,
        array(
            select code from unnest(amenity.attributes) code
            union select 'a.lang.' || split_part(spoken.lang, '-', 1) from unnest(langs) spoken (lang)
            union select scheme from catalog.accreditation
            where accreditation.amenity = amenity.id and accreditation.status = 'accredited'
            order by 1
        ) as codes
    from (
        select array(
            select distinct lang from catalog.language_offer where language_offer.amenity = amenity.id order by lang
        ) as langs
    ) spoken
) offer
join catalog.verified checks on checks.amenity = amenity.id
where amenity.status <> 'closed'
on conflict (amenity) do update set
    slug = excluded.slug, category = excluded.category, region = excluded.region, status = excluded.status,
    spot = excluded.spot, latitude = excluded.latitude, longitude = excluded.longitude,
    attributes = excluded.attributes, schedule = excluded.schedule, confirmed_at = excluded.confirmed_at,
    is_reported = excluded.is_reported, due_from = excluded.due_from, overdue_from = excluded.overdue_from,
    facts = excluded.facts, proof = excluded.proof, named = excluded.named
$$;

-- The whole record of every amenity, also of a closed one, made when it changes: a look is one read by key.
create table catalog.record (
    amenity uuid primary key references catalog.amenity on delete cascade,
    slug text not null unique,
    category text not null,
    region text not null,
    -- The members that no reader and no hour changes: an object.
    facts json not null,
    -- As in the listing.
    named text not null,
    attributes text[] not null,
    -- Side by side, accreditations as objects and the codes of their schemes.
    accreditations jsonb[] not null,
    schemes text[] not null,
    -- What is known of its hours, an object, and as in the listing.
    hours json,
    schedule text,
    phone text,
    sources text[] not null,
    -- As a whole: as in the listing.
    proof text not null,
    is_reported boolean not null,
    due_from timestamptz not null,
    overdue_from timestamptz not null,
    -- Side by side, by group of fields: what was checked as objects, and how fresh that is.
    checks jsonb[] not null,
    checks_reported boolean[] not null,
    checks_due_from timestamptz[] not null,
    checks_overdue_from timestamptz[] not null
);

-- Writes the records of amenities anew.
create function catalog.write_records(ids uuid[]) returns void
language sql as $$
insert into catalog.record as kept
select
    amenity.id, amenity.slug, amenity.category, amenity.region,
    json_strip_nulls(json_build_object(
        'id', amenity.id,
        'slug', amenity.slug,
        'names', (
            select json_agg(json_build_object(
                'text', known.name, 'lang', known.lang, 'kind', known.kind, 'origin', known.origin,
                'source', known.source
            ) order by known.kind desc, known.lang, known.name)
            from catalog.amenity_name known where known.amenity = amenity.id
        ),
        'category', amenity.category,
        'status', amenity.status,
        'address', json_build_object(
            'zh', amenity.address_zh, 'en', amenity.address_en, 'postcode', amenity.postcode
        ),
        'location', case when amenity.location is not null then json_build_object(
            'lat', st_y(amenity.location::geometry), 'lon', st_x(amenity.location::geometry), 'datum', 'wgs84',
            'precision', amenity.precision,
            'original', json_build_object(
                'lat', amenity.original_latitude, 'lon', amenity.original_longitude, 'datum', amenity.original_datum
            )
        ) end,
        'location_known', amenity.location is not null,
        'phone', amenity.phone,
        'website', amenity.website,
        'languages', coalesce((
            select json_agg(json_build_object(
                'lang', offer.lang, 'channel', offer.channel, 'level', offer.level,
                'as_of', offer.as_of, 'confidence', offer.confidence, 'source', offer.source
            ) order by offer.lang, offer.channel)
            from catalog.language_offer offer where offer.amenity = amenity.id
        ), '[]'::json),
        'admission', json_build_object('admits', amenity.admits),
        'notes', amenity.notes,
        'as_of', amenity.as_of,
        'confidence', amenity.confidence,
        'updated_at', amenity.updated_at
    )),
    catalog.name_lines(amenity.id, amenity.slug),
    array(select code from unnest(amenity.attributes) code order by code),
    accredited.facts, accredited.schemes,
    case when hours.amenity is not null then json_strip_nulls(json_build_object(
        'expression', hours.expression, 'makeup', hours.makeup, 'as_of', hours.as_of,
        'confidence', hours.confidence, 'source', hours.source
    )) end,
    hours.makeup || ' ' || hours.expression,
    amenity.phone,
    array(
        select amenity.source union select hours.source where hours.source is not null
        union select source from catalog.amenity_name where amenity_name.amenity = amenity.id and source is not null
        order by 1
    ),
    catalog.proof(checked.confirmed_at, checked.method), checked.is_reported, checked.due_from, checked.overdue_from,
    groups.facts, groups.reported, groups.due_from, groups.overdue_from
from unnest(ids) one (id)
join catalog.amenity on amenity.id = one.id
join catalog.verified checked on checked.amenity = amenity.id
left join catalog.opening_hours hours on hours.amenity = amenity.id
cross join lateral (
    select
        coalesce(array_agg(jsonb_strip_nulls(jsonb_build_object(
            'scheme', scheme, 'status', status, 'valid_from', valid_from, 'valid_to', valid_to, 'note', note,
            'source', source
        )) order by scheme), '{}') as facts,
        coalesce(array_agg(scheme order by scheme), '{}') as schemes
    from catalog.accreditation where accreditation.amenity = amenity.id
) accredited
cross join lateral (
    select
        coalesce(array_agg(jsonb_strip_nulls(jsonb_build_object(
            'fields', field_group, 'at', confirmed_at, 'method', method, 'reported_at', reported_at,
            'next_check', next_check
        )) order by field_group), '{}') as facts,
        coalesce(array_agg(is_reported order by field_group), '{}') as reported,
        coalesce(array_agg(due_from order by field_group), '{}') as due_from,
        coalesce(array_agg(overdue_from order by field_group), '{}') as overdue_from
    from catalog.freshness where freshness.amenity = amenity.id
) groups
on conflict (amenity) do update set
    slug = excluded.slug, category = excluded.category, region = excluded.region, facts = excluded.facts, named =
    excluded.named, attributes = excluded.attributes, accreditations = excluded.accreditations, schemes =
    excluded.schemes, hours = excluded.hours, schedule = excluded.schedule, phone = excluded.phone, sources =
    excluded.sources, proof = excluded.proof, is_reported = excluded.is_reported, due_from = excluded.due_from,
    overdue_from = excluded.overdue_from, checks = excluded.checks, checks_reported = excluded.checks_reported,
    checks_due_from = excluded.checks_due_from, checks_overdue_from = excluded.checks_overdue_from
$$;

-- Notes that amenities have changed: their listings and records follow at once, their words where `new_words` says so, and those who
-- keep a copy hear of it.
create function catalog.note_changes(ids uuid[], new_words boolean) returns void
language plpgsql as $$
begin
    if ids is null then return; end if;
    -- One after the other: of two that change parts of one amenity the later is to see what the earlier wrote.
    perform from catalog.amenity where id = any (ids) order by id for no key update;
    perform catalog.list_amenities(ids);
    perform catalog.write_records(ids);
    if new_words then
        insert into catalog.search_stale select amenity from catalog.listing where amenity = any (ids)
        on conflict do nothing;
    end if;
    insert into catalog.change as kept (amenity, slug, kind)
    select id, slug, case status when 'closed' then 'removed' else 'changed' end
    from catalog.amenity where id = any (ids)
    order by id
    on conflict (amenity) do update set
        slug = excluded.slug, kind = excluded.kind, xid = excluded.xid, at = excluded.at
    where kept.xid <> excluded.xid or kept.kind <> excluded.kind;
end
$$;

create function catalog.amenity_written() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform catalog.note_changes((select array_agg(id) from new_rows), true);
    return null;
end
$$;

create function catalog.amenity_deleted() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    insert into catalog.change as kept (amenity, slug, kind)
    select id, slug, 'removed' from old_rows
    on conflict (amenity) do update set kind = 'removed', xid = excluded.xid, at = excluded.at;
    return null;
end
$$;

create trigger note_insert after insert on catalog.amenity referencing new table as new_rows
    for each statement execute function catalog.amenity_written();
create trigger note_update after update on catalog.amenity referencing new table as new_rows
    for each statement execute function catalog.amenity_written();
create trigger note_delete after delete on catalog.amenity referencing old table as old_rows
    for each statement execute function catalog.amenity_deleted();

-- The parts of a record. An update may take one from one amenity to another.
create function catalog.part_changed() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    ids uuid[];
begin
    if tg_op = 'UPDATE' then
        select array_agg(amenity) into ids
        from (select amenity from changed_rows union select amenity from old_rows) rows;
    else
        select array_agg(distinct amenity) into ids from changed_rows;
    end if;
    perform catalog.note_changes(ids, tg_table_name = 'amenity_name');
    return null;
end
$$;

do $$
declare
    name text;
begin
    foreach name in array array[
        'amenity_name', 'language_offer', 'opening_hours', 'accreditation', 'field_check'
    ] loop
        execute format(
            'create trigger note_insert after insert on catalog.%1$I referencing new table as changed_rows '
            'for each statement execute function catalog.part_changed(); '
            'create trigger note_update after update on catalog.%1$I '
            'referencing old table as old_rows new table as changed_rows '
            'for each statement execute function catalog.part_changed(); '
            'create trigger note_delete after delete on catalog.%1$I referencing old table as changed_rows '
            'for each statement execute function catalog.part_changed()', name
        );
    end loop;
end
$$;

-- When a transaction leaves amenities stale, a job writes their words; one that writes them itself needs none.
create function catalog.ask_for_words() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if coalesce(current_setting('catalog.words_asked_in', true), '') <> pg_current_xact_id()::text
        and exists (select from catalog.search_stale where search_stale.amenity = new.amenity) then
        perform set_config('catalog.words_asked_in', pg_current_xact_id()::text, true);
        perform queue.enqueue('index', '{}', unique_key => 'index', merge => true);
    end if;
    return null;
end
$$;

create constraint trigger ask_for_words after insert on catalog.search_stale
    deferrable initially deferred for each row execute function catalog.ask_for_words();

-- What stands in the catalogue already.
select catalog.note_changes((select array_agg(id) from catalog.amenity), true);

-- Listings as they are shown, and the columns by which they are chosen.
create view catalog.shown with (security_invoker = true) as
select
    amenity, facts, named, category, region, latitude, longitude,
    catalog.freshness_at(now(), is_reported, due_from, overdue_from) || proof as verified,
    schedule, slug, spot, attributes, confirmed_at, category_number, version,
    case when now() < due_from then due_from when now() < overdue_from then overdue_from else 'infinity' end
        as verified_until
from catalog.listing;

-- What may be asked beside kinds of place of who browses: attributes, schedules, confirmed within days, and what comes behind
-- a distance and an id. One CASE, of which the planner expects that half of the rows pass; of four conditions few would.
create function catalog.is_wanted(
    attributes text[], schedule text, confirmed_at timestamptz, reach double precision, amenity uuid,
    wanted_attributes text[], schedules text[], days integer, last_reach double precision, last_amenity uuid
) returns boolean
language sql stable parallel safe as $$
select case
    when cardinality(wanted_attributes) > 0 and not attributes @> wanted_attributes then false
    when schedules is not null and (schedule = any (schedules)) is not true then false
    when days is not null and (confirmed_at >= now() - make_interval(days => days)) is not true then false
    when last_reach is not null then (reach, amenity) > (last_reach, last_amenity)
    else true
end
$$;

-- Triggers run with their owner's rights; nobody is to call them otherwise.
do $$
declare
    made regprocedure;
begin
    for made in
        select oid from pg_proc
        where prosecdef and prorettype = 'trigger'::regtype
            and pronamespace in ('catalog'::regnamespace, 'service'::regnamespace)
    loop
        execute format('revoke all on function %s from public', made);
    end loop;
end
$$;
