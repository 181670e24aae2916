-- create_fake_clock :exec
-- Makes the table that a fake clock is set with; see use_fake_clock. For tests only.
create table if not exists queue.fake_clock as select interval '0' as shift, null::timestamptz as frozen_at
