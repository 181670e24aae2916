-- reference_words :many
-- The words that queries are understood with, beside labels and the names of regions and parks.
select 'term' as kind, code as value, lang, synonym as word from catalog.synonym
union all
select kind, value, lang, word from catalog.query_word
order by kind, value, lang, word
