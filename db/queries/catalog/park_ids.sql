-- park_ids :many
-- What a caller may have meant by an unknown park.
select id from catalog.park order by id
