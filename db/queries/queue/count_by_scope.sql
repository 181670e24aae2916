-- count_by_scope :one
-- How many jobs of $2, a $1 (kind or park), run now, and whether any of it is known at all: waiting, or among the
-- newest 10,000 that ended.
select
    (
        select count(*) from queue.running() as busy
        where case $1::text when 'kind' then busy.kind else busy.park end = $2::text
    )::int as running,
    exists (select from queue.live where $1::text = 'kind' and kind = $2::text)
        or exists (select from queue.live where $1::text = 'park' and park = $2::text)
        or exists (
            select from (select kind, park from queue.outcome order by id desc limit 10000) recent
            where case $1::text when 'kind' then kind else park end = $2::text
        ) as is_known
