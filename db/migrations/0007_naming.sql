-- How names and labels are chosen for a reader, and how far "near" is where nobody says.

-- The languages to try for a reader, best first.
create function catalog.reading_order(lang text) returns text[]
language sql immutable parallel safe as $$
select case lang when 'zh-Hant' then array['zh-Hant', 'zh-Hans', 'en'] else array[lang, 'en', 'zh-Hans'] end
$$;

-- A term's label for a reader.
create function catalog.label(code text, lang text) returns text
language sql stable parallel safe as $$
select coalesce(labels ->> lang, labels ->> 'en') from catalog.term where term.code = label.code
$$;

-- An amenity's name for a reader as {text, lang, origin}.
create function catalog.display_name(amenity uuid, lang text) returns json
language sql stable parallel safe as $$
select json_build_object('text', known.name, 'lang', known.lang, 'origin', known.origin)
from catalog.amenity_name known
where known.amenity = display_name.amenity and known.kind = 'name'
order by
    coalesce(array_position(catalog.reading_order(display_name.lang), known.lang), 9),
    array_position(array['official', 'signage', 'curator', 'community', 'machine'], known.origin),
    known.name
limit 1
$$;

-- The name on the sign outside as {text, lang, origin}: what to show a driver.
create function catalog.local_name(amenity uuid) returns json
language sql stable parallel safe as $$
select json_build_object('text', known.name, 'lang', known.lang, 'origin', known.origin)
from catalog.amenity_name known
where known.amenity = local_name.amenity and known.kind = 'name' and known.lang in ('zh-Hans', 'zh-Hant')
order by known.lang, known.name
limit 1
$$;

-- A region's name for a reader.
create function catalog.region_name(adcode text, lang text) returns text
language sql stable parallel safe as $$
select case when lang in ('zh-Hans', 'zh-Hant', 'ja') then name_zh else name_en end
from catalog.region where region.adcode = region_name.adcode
$$;

-- Metres that count as within reach of a park: about an hour by car on the roads of the delta.
create function catalog.reach_metres() returns double precision
language sql immutable parallel safe as $$ select 50000.0::double precision $$;
