-- use_fake_clock :exec
-- Has the whole queue go by the fake clock, in every session of the database. For tests only.
create or replace function queue.now() returns timestamptz language sql volatile as
'select coalesce(frozen_at, clock_timestamp()) + shift from queue.fake_clock'
