-- Who may do what in the database itself, whatever the programs ask of it.
--
-- The service's sessions are at rest as amenity_anonymous, which reads what is published and calls a few functions; to act
-- for the holder of a token a transaction begins with access.assume. Workers are amenity_worker. The owner, who migrates and
-- whom the operator's commands connect as, is bound by policies too, one of which names it.

-- Lays row security over a table: only the owner sees its rows, and whom other policies name. For every table in which not
-- all is for everybody, also those of later migrations.
create function access.guard(guarded regclass) returns void
language plpgsql as $$
begin
    execute format('alter table %s enable row level security, force row level security', guarded);
    execute format('create policy owner on %s to current_user using (true) with check (true)', guarded);
end
$$;

-- Feedback belongs to the park that is nearest to what it is about; jobs are counted and seen by park, too.
alter table intake.feedback add column park text references catalog.park;
create function intake.park_of(amenity uuid) returns text
language sql stable as $$
    select reach.park
    from catalog.amenity home join catalog.park_reach reach on reach.region = home.region
    where home.id = park_of.amenity
    order by reach.metres, reach.park limit 1
$$;
update intake.feedback set park = intake.park_of(amenity);

select access.guard(oid) from pg_class
where relkind in ('r', 'p') and not relispartition and relnamespace in (
    'intake'::regnamespace, 'queue'::regnamespace, 'access'::regnamespace
);

-- Whoever they are ----------------------------------------------------------------------------------------------------

revoke all on schema catalog, queue, intake, gaps, access from public;
-- Functions run with their caller's rights and so are harmless, but for those that run with their owner's.
alter default privileges in schema catalog grant select on tables to amenity_anonymous;
alter default privileges in schema gaps grant select on tables to amenity_anonymous;

grant usage on schema catalog, gaps, intake, access to amenity_anonymous;
grant select on all tables in schema catalog, gaps to amenity_anonymous;
-- Of who checked what, only what views make of it.
revoke select on catalog.field_check from amenity_anonymous;
grant select on public.amenity_migration to amenity_anonymous;

-- For the gap reports, in which nobody can be told from others.
create view gaps.unmet as
select request.park, request.nationality, asked.category, count(*) as requests
from intake.request
cross join lateral (
    select distinct split_part(code, '.', 1) as category
    from jsonb_array_elements_text(request.understood -> 'categories') code
) asked
where request.status = 'unmet'
group by request.park, request.nationality, asked.category;

-- How content those of a nationality are with some amenities, in stars; null for fewer than five votes, which would speak
-- of persons.
create function gaps.satisfaction(amenities uuid[], nationality text) returns numeric
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select case when count(*) >= 5 then round(avg(stars), 2) end
    from intake.feedback
    where amenity = any (amenities) and feedback.nationality = satisfaction.nationality and stars is not null
$$;

-- Requests and feedback: taken in --------------------------------------------------------------------------------------

-- What is kept of the secret that only a submitter has.
create function intake.secret_hash(secret text) returns bytea
language sql stable as $$ select sha256(convert_to(secret, 'UTF8')) $$;

-- Keeps what somebody asks for, with the first entry of its timeline and the job that answers it.
create function intake.take_request(
    secret text, words text, park text, lang text, nationality text, contact text, categories text[], attributes text[],
    origin text
) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    made uuid := gen_random_uuid();
begin
    insert into intake.request (
        id, secret_hash, text, park, lang, nationality, contact, categories, attributes, job
    )
    select
        made, intake.secret_hash(secret), words, take_request.park, take_request.lang, take_request.nationality,
        take_request.contact, take_request.categories, take_request.attributes, job.id
    from queue.enqueue(
        'request', jsonb_build_object('id', made), take_request.park, origin => take_request.origin
    ) as job;
    insert into intake.event (request, status) values (made, 'received');
    return made;
end
$$;

-- Keeps what somebody says of an amenity, with the first entry of its timeline and the job that files it; null when there
-- is no such amenity.
create function intake.take_feedback(
    secret text, slug text, amenity uuid, words text, stars smallint, correction jsonb, lang text, nationality text,
    origin text
) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    made uuid := gen_random_uuid();
    about uuid := (
        select known.id from catalog.amenity known
        where known.slug = take_feedback.slug or known.id = take_feedback.amenity
    );
    home text := intake.park_of(about);
begin
    if about is null then
        return null;
    end if;
    insert into intake.feedback (
        id, secret_hash, amenity, park, text, stars, correction, lang, nationality, job
    )
    select
        made, intake.secret_hash(secret), about, home, words, take_feedback.stars, take_feedback.correction,
        take_feedback.lang, take_feedback.nationality, job.id
    from queue.enqueue('feedback', jsonb_build_object('id', made), home, origin => take_feedback.origin) as job;
    insert into intake.event (feedback, status) values (made, 'received');
    return made;
end
$$;

-- Requests and feedback: read back -------------------------------------------------------------------------------------

-- A request and its answer, for those who may see it.
create function intake.request_record(request uuid) returns json
language plpgsql stable as $$
#variable_conflict use_column
begin
    return (
        select json_strip_nulls(json_build_object(
            'id', asked.id,
            -- A job that gave up leaves the request to a person.
            'status', case when job.state = 'dead' then 'needs_staff' else asked.status end,
            'text', asked.text,
            'understood', asked.understood,
            'matches', asked.matches,
            'nearest_alternative', asked.nearest_alternative,
            'timeline', (
                select json_agg(
                    json_build_object('status', event.status, 'at', event.at, 'note', event.note) order by event.id
                )
                from intake.event where event.request = asked.id
            ),
            'job', intake.job_record(job.id, job.state)
        ))
        from intake.request asked
        left join queue.job on job.id = asked.job
        where asked.id = request_record.request
    );
end
$$;

-- A feedback and what became of it, for those who may see it.
create function intake.feedback_record(feedback uuid) returns json
language plpgsql stable as $$
#variable_conflict use_column
begin
    return (
        select json_strip_nulls(json_build_object(
            'id', said.id,
            'status', said.status,
            'amenity', said.amenity,
            'kind', said.kind,
            'field', said.correction ->> 'field',
            'value', said.correction ->> 'value',
            'stars', said.stars,
            'reply', said.reply,
            'timeline', (
                select json_agg(
                    json_build_object('status', event.status, 'at', event.at, 'note', event.note) order by event.id
                )
                from intake.event where event.feedback = said.id
            ),
            'job', intake.job_record(job.id, job.state)
        ))
        from intake.feedback said
        left join queue.job on job.id = said.job
        where said.id = feedback_record.feedback
    );
end
$$;

-- What an asker learns of a job. The reason is a word: what went wrong inside, and why operators hold jobs back, is for
-- them alone.
create function intake.job_record(job bigint, state text) returns json
language sql stable as $$
    select json_build_object(
        'id', job, 'state', state,
        'reason', case state when 'failed' then 'waits_to_be_retried' when 'dead' then 'gave_up' end,
        'position', wait.position, 'expected_at', wait.expected_at
    )
    from queue.explain_wait(case when state in ('scheduled', 'ready', 'failed') then job end) as wait
    where job is not null
$$;

-- The same for whoever holds the secret, whatever else they may.
create function intake.request_by_secret(request uuid, secret text) returns json
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select intake.request_record(asked.id) from intake.request asked
    where asked.id = request and asked.secret_hash = intake.secret_hash(secret)
$$;
create function intake.feedback_by_secret(feedback uuid, secret text) returns json
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select intake.feedback_record(said.id) from intake.feedback said
    where said.id = feedback and said.secret_hash = intake.secret_hash(secret)
$$;

-- Staff, analysts and administrators -----------------------------------------------------------------------------------

grant select on intake.event, intake.review to amenity_staff, amenity_analyst, amenity_admin;

-- What queue.explain_wait and queue.job look at is theirs to see, by park.
alter view queue.job set (security_invoker = true);
grant usage on schema queue to amenity_staff, amenity_analyst, amenity_admin, amenity_worker;
grant select on queue.job, queue.live, queue.outcome, queue.pause, queue.cap, queue.worker, queue.rotation, queue.lease
    to amenity_staff, amenity_analyst, amenity_admin;
grant select (name, trouble, troubled_at) on queue.schedule to amenity_staff, amenity_analyst, amenity_admin;

-- Staff see what is their parks'. Others see all, unless their token is for some parks only.
do $$
declare
    guarded regclass;
begin
    foreach guarded in array array['intake.request', 'intake.feedback', 'intake.review', 'queue.live', 'queue.outcome']::regclass[] loop
        execute format(
            'create policy own_park on %s for select to amenity_staff using (park = any ((select access.parks())::text[]))',
            guarded
        );
        execute format(
            'create policy any_park on %s for select to amenity_analyst, amenity_admin
                using ((select access.parks()) is null or park = any ((select access.parks())::text[]))',
            guarded
        );
    end loop;
    foreach guarded in array array['queue.worker', 'queue.rotation', 'queue.lease', 'queue.schedule']::regclass[] loop
        execute format('create policy insiders on %s for select to amenity_staff, amenity_analyst, amenity_admin using (true)', guarded);
    end loop;
    foreach guarded in array array['queue.pause', 'queue.cap']::regclass[] loop
        execute format(
            'create policy own_park on %s for select to amenity_staff
                using (scope <> ''park'' or name = any ((select access.parks())::text[]))',
            guarded
        );
        execute format('create policy any_park on %s for select to amenity_analyst, amenity_admin using (true)', guarded);
    end loop;
end
$$;
create policy with_its_row on intake.event for select to amenity_staff, amenity_analyst, amenity_admin using (
    exists (select from intake.request where request.id = event.request)
    or exists (select from intake.feedback where feedback.id = event.feedback)
);

-- Workers ---------------------------------------------------------------------------------------------------------------

-- They read and write rows everywhere but in access; tables are changed by the queue's own functions.
do $$
declare
    home regnamespace;
    guarded regclass;
begin
    foreach home in array array['catalog', 'intake', 'queue', 'gaps']::regnamespace[] loop
        execute format('grant usage on schema %s to amenity_worker', home);
        execute format('grant select, insert, update, delete on all tables in schema %s to amenity_worker', home);
        execute format('grant usage on all sequences in schema %s to amenity_worker', home);
        execute format('alter default privileges in schema %s grant select, insert, update, delete on tables to amenity_worker', home);
        execute format('alter default privileges in schema %s grant usage on sequences to amenity_worker', home);
    end loop;
    for guarded in
        select oid from pg_class where relrowsecurity and relnamespace in ('intake'::regnamespace, 'queue'::regnamespace)
    loop
        execute format('create policy workers on %s to amenity_worker using (true) with check (true)', guarded);
    end loop;
end
$$;
-- What is in a column can't be taken out of what was granted on the whole table.
revoke select on intake.request, intake.feedback from amenity_worker;

-- Nobody reads a secret's hash, and analysts and workers no contact.
grant select (
    id, text, park, lang, nationality, categories, attributes, status, understood, matches, nearest_alternative, job,
    created_at
) on intake.request to amenity_staff, amenity_analyst, amenity_admin, amenity_worker;
grant select (contact) on intake.request to amenity_staff, amenity_admin;
grant select (
    id, amenity, park, text, stars, correction, lang, nationality, status, kind, reply, job, created_at
) on intake.feedback to amenity_staff, amenity_analyst, amenity_admin, amenity_worker;

-- What runs with its owner's rights -------------------------------------------------------------------------------------

-- They change tables, or look at other sessions.
alter function queue.rotate(bigint, interval) security definer set search_path = pg_catalog, pg_temp;
alter function queue.keep_days(integer) security definer set search_path = pg_catalog, pg_temp;
alter function queue.drop_days(interval) security definer set search_path = pg_catalog, pg_temp;
alter function queue.snapshot_holders() security definer set search_path = pg_catalog, pg_temp;
-- It tells of jobs that its caller may see by how many that they may not.
alter function queue.explain_wait(bigint) security definer set search_path = pg_catalog, pg_temp;

do $$
declare
    made regprocedure;
    allowed record;
begin
    for made in
        select oid from pg_proc
        where (prosecdef or oid = 'access.note(text, text, bytea, bytea)'::regprocedure)
            and pronamespace in ('access'::regnamespace, 'intake'::regnamespace, 'queue'::regnamespace, 'gaps'::regnamespace)
    loop
        execute format('revoke all on function %s from public', made);
    end loop;
    for allowed in
        values
            ('access.find_token(bytea, text[])', 'amenity_anonymous'),
            ('access.valid_token(bigint)', 'amenity_anonymous'),
            ('access.note_refusal(bytea, text)', 'amenity_anonymous'),
            ('access.seal()', 'amenity_anonymous'),
            ('access.note_login()', 'amenity_anonymous'),
            ('intake.take_request(text, text, text, text, text, text, text[], text[], text)', 'amenity_anonymous'),
            ('intake.take_feedback(text, text, uuid, text, smallint, jsonb, text, text, text)', 'amenity_anonymous'),
            ('intake.request_by_secret(uuid, text)', 'amenity_anonymous'),
            ('intake.feedback_by_secret(uuid, text)', 'amenity_anonymous'),
            ('gaps.satisfaction(uuid[], text)', 'amenity_anonymous'),
            ('queue.rotate(bigint, interval)', 'amenity_worker'),
            ('queue.keep_days(integer)', 'amenity_worker'),
            ('queue.drop_days(interval)', 'amenity_worker'),
            ('queue.snapshot_holders()', 'amenity_worker, amenity_staff, amenity_analyst, amenity_admin'),
            ('queue.explain_wait(bigint)', 'amenity_worker, amenity_staff, amenity_analyst, amenity_admin')
    loop
        execute format('grant execute on function %s to %s', allowed.column1, allowed.column2);
    end loop;
end
$$;
