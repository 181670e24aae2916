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
    -- Written by programs: the version of the fold, its names folded, a line each, and by language what they are sorted by.
    fold_version integer not null default 0,
    keys text not null default '',
    sort_keys jsonb not null default '{}',
    -- Lexemes: words, pairs of neighbouring characters of Chinese, Japanese and Korean and the last alone, ~ and a syllable
    -- of pinyin, + and a telephone number, = and a whole name. Weights: A names, B other names, C address, D the rest.
    words tsvector not null default ''
);

create index listing_by_category_and_spot on catalog.listing using gist (category, spot) where spot is not null;
create index listing_by_spot on catalog.listing using gist (spot) where spot is not null;
create index listing_by_category on catalog.listing (category, amenity);
create index listing_without_spot on catalog.listing (region, category) where spot is null;
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
    checks.confirmed_at, coalesce(checks.is_reported, false),
    case when checks.confirmed_at is null then '-infinity'
        else catalog.due_at('existence', amenity.category, checks.confirmed_at, checks.failed_at) end,
    case when checks.confirmed_at is null
        then coalesce(
            catalog.latest_moment(amenity.as_of) + catalog.check_interval('existence', amenity.category), '-infinity'
        )
        else catalog.due_at('existence', amenity.category, checks.confirmed_at, checks.failed_at)
            + catalog.check_interval('existence', amenity.category) / 2 end,
    json_strip_nulls(json_build_object(
        'id', amenity.id, 'slug', amenity.slug, 'category', amenity.category,
        'location', case when place.latitude is not null then json_build_object(
            'lat', place.latitude, 'lon', place.longitude, 'datum', 'wgs84', 'precision', amenity.precision
        ) end,
        'languages', to_json(offer.langs), 'attributes', to_json(offer.codes), 'phone', amenity.phone
    )),
    '"' || coalesce(',"at":' || to_json(checks.confirmed_at)::text || ',"method":"' || checks.method || '"', ''),
    coalesce((
        select string_agg(
            concat_ws(' ', lang, origin, translate(name, E'\n', ' ')), E'\n'
            order by array_position(array['official', 'signage', 'curator', 'community', 'machine'], origin), name
        )
        from catalog.amenity_name where amenity_name.amenity = amenity.id and kind = 'name'
    ), 'en machine ' || amenity.slug)
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

-- Notes that amenities have changed: their listings follow at once, their words where `new_words` says so, and those who
-- keep a copy hear of it.
create function catalog.note_changes(ids uuid[], new_words boolean) returns void
language plpgsql as $$
begin
    if ids is null then return; end if;
    perform catalog.list_amenities(ids);
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
    case
        when is_reported then 'reported'
        when now() < due_from then 'confirmed'
        when now() < overdue_from then 'due'
        else 'overdue'
    end || proof as verified,
    schedule, slug, spot, attributes, confirmed_at
from catalog.listing;

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
