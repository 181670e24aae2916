-- nearest_words :many
-- For each of the words ($1) the words of names that look most like it, best first: for slips of the hand.
select word, candidate from catalog.nearest_words($1::text[])
