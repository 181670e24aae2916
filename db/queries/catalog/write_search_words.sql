-- write_search_words :exec
-- Adds words of names ($1) to those that slips of the hand are put right with.
insert into catalog.search_word select word from unnest($1::text[]) word order by word
on conflict do nothing
