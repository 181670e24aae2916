-- sealing_keys :many
-- The keys that cursors are sealed with, the newest first.
select id, key from service.sealing_keys()
