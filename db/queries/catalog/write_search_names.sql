-- write_search_names :exec
-- Replaces the names that amenities ($1) are completed by; side by side $2 folded name, $3 id, $4 name, $5 language.
with gone as (
    delete from catalog.search_name kept
    where kept.amenity = any ($1::uuid[]) and not exists (
        select from unnest($2::text[], $3::uuid[], $5::text[]) fresh (key, amenity, lang)
        where (fresh.key, fresh.amenity, fresh.lang) = (kept.key, kept.amenity, kept.lang)
    )
)
insert into catalog.search_name as kept (key, amenity, name, lang)
select distinct on (key, amenity, lang) key, amenity, name, lang
from unnest($2::text[], $3::uuid[], $4::text[], $5::text[]) fresh (key, amenity, name, lang)
order by key, amenity, lang, name
on conflict (key, amenity, lang) do update set name = excluded.name where kept.name <> excluded.name
