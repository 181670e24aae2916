-- seed_query_words :one
-- Writes the staged words that queries are understood with.
-- Such a word is all key, so there is nothing to change.
with written as (
    insert into catalog.query_word (kind, value, lang, word)
    select kind, coalesce(value, ''), lang, word
    from
        pg_temp.seed_row staged,
        jsonb_to_record(staged.fields) as cell (kind text, value text, lang text, word text)
    where staged.file = 'query_words'
    on conflict (kind, value, lang, word) do nothing
    returning kind
)
select count(*), 0::bigint from written
