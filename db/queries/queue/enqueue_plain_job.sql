-- enqueue_plain_job :one
-- Puts a job that is due at once and has no key into the queue in the caller's transaction, as queue.enqueue does, at a
-- third of its price: a function prepares anew in each transaction what it evaluates, and a statement costs what its plan
-- is made of. $1 kind, $2 payload, $3 park, $4 priority, $5 origin.
insert into queue.live (id, generation, kind, payload, park, priority, rank, origin)
select
    nextval('queue.job_id'), (select current from queue.rotation), $1::text, $2::jsonb, coalesce($3::text, ''),
    coalesce($4::smallint, 100::smallint), queue.rank(queue.now(), coalesce($4::smallint, 100::smallint)),
    left($5::text, queue.longest_origin())
-- Most are worth no closer look.
where ($1::text <> '' and pg_column_size($2::jsonb) < 900) is true or queue.require_valid($1::text, $2::jsonb) is not null
returning id, false as duplicate
