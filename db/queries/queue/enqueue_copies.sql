-- enqueue_copies :exec
-- Puts many equal jobs into the queue in one statement, for benches; $1 kind, $2 payload, $3 how many.
insert into queue.live (generation, kind, payload)
select rotation.current, $1::text, $2::jsonb from queue.rotation cross join generate_series(1, $3::int)
