-- shift_fake_clock :exec
-- Sets the fake clock to differ by $1 from the true time, or from the moment at which it stands still; $2 whether it does.
insert into queue.fake_clock as clock (shift, frozen_at)
values ($1::interval, case when $2::bool then clock_timestamp() end)
on conflict (one) do update
set shift = excluded.shift, frozen_at = case when $2::bool then coalesce(clock.frozen_at, excluded.frozen_at) end
