-- Parks, amenities, the taxonomy, and for every fact where it comes from.

create table catalog.source (
    id text primary key,
    title text not null,
    provider text,
    url text,
    -- An SPDX id, or `facts-only` where only facts were taken.
    licence text not null,
    retrieved text,
    note text
);

create table catalog.region (
    -- The code of the Ministry of Civil Affairs, such as 330482 for Pinghu.
    adcode text primary key,
    parent text references catalog.region,
    level text not null check (level in ('province', 'prefecture', 'county')),
    name_zh text not null,
    name_en text not null,
    -- WGS-84, where a licensed source gives the seat.
    seat geography(point, 4326),
    source text references catalog.source
);

create table catalog.park (
    id text primary key check (id ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    region text not null references catalog.region,
    zone_zh text,
    level text,
    year integer,
    -- ISO 3166-1 alpha-2.
    partner_countries text[] not null default '{}',
    industries_zh text,
    location geography(point, 4326),
    -- `seat` is the town or county seat, not the park itself; `unknown` has no location.
    precision text not null check (precision in ('point', 'seat', 'unknown')),
    source text not null references catalog.source,
    as_of text,
    confidence text not null check (confidence in ('high', 'medium', 'low')),
    check ((location is null) = (precision = 'unknown'))
);

create table catalog.park_name (
    park text not null references catalog.park on delete cascade,
    -- BCP 47.
    lang text not null,
    name text not null,
    origin text not null check (origin in ('official', 'signage', 'curator', 'community', 'machine')),
    primary key (park, lang)
);

create table catalog.term (
    code text primary key,
    parent text references catalog.term,
    kind text not null check (kind in ('category', 'attribute')),
    -- One label for each of en, zh-Hans, zh-Hant, ja, de, nl, fr, ko.
    labels jsonb not null,
    osm_tag text,
    schema_org text,
    root text not null generated always as (split_part(code, '.', 1)) stored
);

create table catalog.synonym (
    code text not null references catalog.term on delete cascade,
    lang text not null,
    synonym text not null,
    primary key (code, lang, synonym)
);

create table catalog.amenity (
    id uuid primary key default gen_random_uuid(),
    slug text not null unique,
    category text not null references catalog.term,
    -- The smallest region known to hold it; where there is no location, this is how it is found.
    region text not null references catalog.region,
    address_zh text,
    address_en text,
    postcode text,
    -- E.164.
    phone text,
    website text,
    location geography(point, 4326),
    -- As the source gave it; `location` is always WGS-84.
    original_latitude double precision,
    original_longitude double precision,
    original_datum text check (original_datum in ('wgs84', 'gcj02', 'bd09')),
    precision text not null check (precision in ('point', 'inferred', 'unknown')),
    status text not null check (status in ('active', 'planned', 'closed', 'unknown')),
    attributes text[] not null default '{}',
    -- Whom a school may admit: `foreign` for a school for children of foreign personnel.
    admits text,
    notes text,
    source text not null references catalog.source,
    as_of text,
    confidence text not null check (confidence in ('high', 'medium', 'low')),
    updated_at timestamptz not null default clock_timestamp(),
    check ((location is null) = (precision = 'unknown'))
);

create index amenity_by_category_and_region on catalog.amenity (category, region);
create index amenity_by_location on catalog.amenity using gist (location);

create table catalog.amenity_name (
    amenity uuid not null references catalog.amenity on delete cascade,
    lang text not null,
    name text not null,
    kind text not null check (kind in ('name', 'former', 'short')),
    origin text not null check (origin in ('official', 'signage', 'curator', 'community', 'machine')),
    source text references catalog.source,
    primary key (amenity, lang, name)
);

create table catalog.language_offer (
    amenity uuid not null references catalog.amenity on delete cascade,
    lang text not null,
    channel text not null
        check (channel in ('front_desk', 'clinician', 'phone', 'teaching', 'written', 'web', 'worship')),
    level text not null check (level in ('native', 'fluent', 'basic', 'interpreter', 'written', 'unknown')),
    source text not null references catalog.source,
    as_of text,
    confidence text not null check (confidence in ('high', 'medium', 'low')),
    primary key (amenity, lang, channel)
);

create table catalog.accreditation (
    amenity uuid not null references catalog.amenity on delete cascade,
    scheme text not null references catalog.term,
    status text not null check (status in ('accredited', 'member', 'candidate', 'lapsed', 'unknown')),
    reference text,
    valid_from text,
    valid_to text,
    note text,
    source text not null references catalog.source,
    as_of text,
    confidence text not null check (confidence in ('high', 'medium', 'low')),
    primary key (amenity, scheme)
);

-- Which languages, curricula, cuisines and kinds of place belong to a nationality's culture.
create table catalog.nationality_term (
    -- ISO 3166-1 alpha-2.
    nationality text not null check (nationality ~ '^[A-Z]{2}$'),
    term text not null references catalog.term,
    source text not null references catalog.source,
    note text,
    primary key (nationality, term)
);

-- A region and everything it lies in.
create view catalog.region_ancestry as
with recursive up (adcode, ancestor, depth) as (
    select adcode, adcode, 0 from catalog.region
    union all
    select up.adcode, region.parent, up.depth + 1
    from up join catalog.region on region.adcode = up.ancestor
    where region.parent is not null
)
select adcode, ancestor, depth from up;

-- The point that stands for a region when distances between regions are compared: its own seat, or the nearest
-- ancestor's. Never shown as anybody's location.
create view catalog.region_point as
select distinct on (ancestry.adcode) ancestry.adcode, region.seat
from catalog.region_ancestry ancestry
join catalog.region on region.adcode = ancestry.ancestor
where region.seat is not null
order by ancestry.adcode, ancestry.depth;

-- How far a park is from a region, in metres: 0 for the park's own region, else between their points. It orders
-- amenities whose location is unknown and decides whether they are within a radius. Another region is never nearer than
-- 1 km, also where for want of a seat both are represented by the same point.
create view catalog.park_reach as
select
    park.id as park,
    region.adcode as region,
    case
        when region.adcode = park.region then 0.0
        else greatest(1000.0, coalesce(park.location, home.seat) <-> there.seat)
    end as metres,
    coalesce(park.location, home.seat) as park_point
from catalog.park
cross join catalog.region
left join catalog.region_point home on home.adcode = park.region
left join catalog.region_point there on there.adcode = region.adcode;

-- How far an amenity is from a park, in metres: from its own location where that is known, else from its region.
create view catalog.amenity_reach as
select
    reach.park,
    amenity.id as amenity,
    coalesce(reach.park_point <-> amenity.location, reach.metres) as metres
from catalog.amenity
join catalog.park_reach reach on reach.region = amenity.region;
