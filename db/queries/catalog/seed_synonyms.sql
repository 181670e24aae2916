-- seed_synonyms :one
-- Writes the staged words that people search the taxonomy with.
-- A synonym is all key, so there is nothing to change.
with written as (
    insert into catalog.synonym (code, lang, synonym)
    select code, lang, synonym
    from
        pg_temp.seed_row staged,
        jsonb_to_record(staged.fields) as cell (code text, lang text, synonym text)
    where staged.file = 'synonyms'
    on conflict (code, lang, synonym) do nothing
    returning code
)
select count(*), 0::bigint from written
