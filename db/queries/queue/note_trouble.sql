-- note_trouble :optional
-- Notes that the entry $1 of the schedule could not be fired because of $2, so that it is left alone for a minute; and
-- tells whether that is news.
with entry as (
    select name, trouble from queue.schedule where name = $1::text for update
),
noted as (
    update queue.schedule set trouble = $2::text, troubled_at = queue.now() where name = $1::text
)
select trouble is distinct from $2::text as is_new from entry
