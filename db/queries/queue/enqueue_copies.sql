-- enqueue_copies :exec
-- Puts many equal jobs into the queue in one statement, for benches; $1 kind, $2 payload, $3 how many.
insert into queue.live (kind, payload) select $1::text, $2::jsonb from generate_series(1, $3::int)
