-- shift_fake_clock :exec
-- Sets the fake clock to differ by $1 from the true time, or from the moment at which it stands still; $2 whether it does.
update queue.fake_clock
set shift = $1::interval, frozen_at = case when $2::bool then coalesce(frozen_at, clock_timestamp()) end
