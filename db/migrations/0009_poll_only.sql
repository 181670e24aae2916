-- A worker behind a transaction pooler holds no lock, so that its lock is free says nothing: only its silence does.
alter table queue.worker add column poll_only boolean not null default false;
