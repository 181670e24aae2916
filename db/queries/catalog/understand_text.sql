-- understand_text :one
-- What a text asks for: the categories, attributes and place whose words stand in it, longest first; $1 text, $2 the
-- asker's language, whose words win among equals.
-- Folded once, and cut: some characters grow to eighteen by NFKC, and what somebody wants stands in the first lines.
with asked as materialized (
    select text, ' ' || regexp_replace(text, '[^[:alnum:]]+', ' ', 'g') || ' ' as words
    from (select left(lower(normalize(left($1::text, 1000), nfkc)), 2000) as text) folded
),
phrase as (
    select term.code, label.key as lang, lower(label.value) as words
    from catalog.term cross join lateral jsonb_each_text(term.labels) label
    union
    select synonym.code, synonym.lang, lower(synonym.synonym) from catalog.synonym
),
found as (
    select phrase.code, phrase.lang, phrase.words
    from phrase cross join asked
    where case
        -- Scripts without spaces between words: two characters are enough to be one.
        when phrase.words ~ '[^\u0001-\u024f]' then
            char_length(phrase.words) >= 2 and strpos(asked.text, phrase.words) > 0
        else
            strpos(asked.words, ' ' || regexp_replace(phrase.words, '[^[:alnum:]]+', ' ', 'g') || ' ') > 0
    end
),
best as (
    -- "international school" is not also a "school": a phrase inside a longer one that was found says nothing more.
    select found.code, max(char_length(found.words)) as length, bool_or(found.lang = $2::text) as is_own_language
    from found
    where not exists (
        select from found longer
        where char_length(longer.words) > char_length(found.words) and strpos(longer.words, found.words) > 0
            and longer.code <> found.code
    )
    group by found.code
),
place as (
    select region.adcode
    from catalog.region cross join asked
    where region.level <> 'province'
        and (
            strpos(asked.words, ' ' || lower(split_part(region.name_en, ' ', 1)) || ' ') > 0
            or strpos(asked.text, regexp_replace(region.name_zh, '(新区|市|县|区)$', '')) > 0
        )
    order by region.level, region.adcode limit 1
)
select
    coalesce(array(
        select best.code from best join catalog.term using (code) where term.kind = 'category'
        order by is_own_language desc, length desc, code
    ), '{}') as categories,
    coalesce(array(
        select best.code from best join catalog.term using (code) where term.kind = 'attribute'
        order by is_own_language desc, length desc, code
    ), '{}') as attributes,
    (select adcode from place) as region,
    (
        select park.id from catalog.park join place on park.region = place.adcode order by park.year, park.id limit 1
    ) as park
