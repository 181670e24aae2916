-- rotate_sealing_keys :one
-- Makes a new key when the newest is old, and drops what was replaced long ago; $1 how long one is the newest, $2 how long
-- one opens cursors after that.
select made, dropped from service.rotate_sealing_keys($1::interval, $2::interval)
