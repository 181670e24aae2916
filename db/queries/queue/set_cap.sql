-- set_cap :exec
-- Caps $2, a $1 (kind or park): at most $3 jobs at once, at most $4 starts a second with up to $5 at once after a quiet
-- time. The bucket starts full.
insert into queue.cap (scope, name, running, rate, burst, tokens, filled_at)
values ($1::text, $2::text, $3::int, $4::float8, $5::int, $5::int, queue.now())
on conflict (scope, name) do update
set running = excluded.running, rate = excluded.rate, burst = excluded.burst, tokens = excluded.tokens,
    filled_at = excluded.filled_at
