-- reference_implications :many
-- Where properties are looked for, and what answers to a nationality, likeliest first.
select 'category' as kind, attribute as key, array_agg(category order by place, category) as codes
from catalog.implied_category group by attribute
union all
select 'nationality', nationality, array_agg(term order by term)
from catalog.nationality_term group by nationality
order by 1, 2
