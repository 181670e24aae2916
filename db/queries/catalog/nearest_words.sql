-- nearest_words :many
-- For each of the words ($1) the words of names that look most like it, best first.
select asked.word, near.word as candidate
from unnest($1::text[]) asked (word)
cross join lateral (
    select search_word.word
    from catalog.search_word
    where search_word.word % asked.word
    order by similarity(search_word.word, asked.word) desc, search_word.word
    limit 8
) near
