-- remove_cap :optional
-- Lifts the cap of $2, a $1 (kind or park); no row where there was none.
delete from queue.cap where scope = $1::text and name = $2::text returning name
