-- reference_terms :many
-- The taxonomy with its labels, a language and a label side by side.
select
    code, parent, kind,
    array(select key from jsonb_each_text(labels) order by key) as languages,
    array(select value from jsonb_each_text(labels) order by key) as labels
from catalog.term
order by code
