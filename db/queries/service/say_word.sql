-- say_word :exec
-- Says a word on a channel, to hear whether it comes back; $1 the channel, $2 the word. Waits for no disk, as
-- notify_listeners has it.
select pg_notify($1::text, $2::text) from set_config('synchronous_commit', 'off', true)
