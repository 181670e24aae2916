-- notify_listeners :exec
-- Says each of the words $2 on channel $1, outside anybody's transaction: commits with a notification go one by one on
-- the whole server, so this one never waits for a disk or a standby, having nothing to lose. The setting ends with it.
select pg_notify($1::text, word)
from set_config('synchronous_commit', 'off', true), unnest($2::text[]) as word
