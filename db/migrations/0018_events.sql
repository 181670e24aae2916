-- What subscriptions tell. The transaction that changes something writes an event too, so no event is there before what it
-- tells of can be seen. Events get their numbers once they are committed, from one numberer at a time: so whoever has read
-- up to a number has missed none below it, whatever the order in which transactions began and ended.

create table service.event (
    id bigint generated always as identity primary key,
    -- Null until the event is numbered.
    seq bigint unique,
    topic text not null check (topic in ('amenity.changed', 'request.updated', 'feedback.updated', 'job.finished')),
    -- What the event is about: of several about the same thing a client needs the last alone.
    object text not null,
    park text,
    -- The members of the notification beside its number.
    payload jsonb not null,
    at timestamptz not null default clock_timestamp()
);

create index event_unnumbered on service.event (id) where seq is null;

-- Where the numbers stand. The row's lock makes its holder the numberer.
create table service.stream (
    one boolean primary key default true check (one),
    last bigint not null default 0,
    -- Up to this number nothing is kept any more.
    pruned bigint not null default 0,
    -- Ends of jobs are written down only while somebody wants to know: each costs a row, and there may be thousands a
    -- second.
    jobs_wanted_until timestamptz not null default '-infinity',
    -- The first number from which on they were.
    jobs_since bigint not null default 0
);

insert into service.stream default values;

-- Numbers what is committed and has no number yet, and says where the numbers stand; null while another session is at it.
create function service.number_events(most integer) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    stood bigint;
    numbered bigint;
begin
    if not exists (select from service.event where seq is null) then
        return (select last from service.stream);
    end if;
    select last into stood from service.stream for update skip locked;
    if not found then
        return null;
    end if;
    -- A statement of its own, which sees what an earlier numberer has committed.
    update service.event set seq = stood + fresh.place
    from (
        select id, row_number() over (order by id) as place
        from (select id from service.event where seq is null order by id limit most) unnumbered
    ) fresh
    where event.id = fresh.id;
    get diagnostics numbered = row_count;
    update service.stream set last = stood + numbered;
    return stood + numbered;
end
$$;

-- Whether ends of jobs are to be written down.
create function service.wants_jobs() returns boolean language plpgsql stable as $$
begin
    return (select jobs_wanted_until > clock_timestamp() from service.stream);
end
$$;

grant select on service.stream to amenity_anonymous;
select access.guard('service.stream');
create policy everybody on service.stream for select to amenity_anonymous using (true);

-- Has them written down for some time.
create function service.want_jobs() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    -- Once in a while is enough, and no subscriber should wait for another.
    update service.stream
    set
        jobs_since = case when jobs_wanted_until > clock_timestamp() then jobs_since else last + 1 end,
        jobs_wanted_until = clock_timestamp() + interval '25 hours'
    where jobs_wanted_until < clock_timestamp() + interval '24 hours 30 minutes';
end
$$;

-- Readers --------------------------------------------------------------------------------------------------------------

-- Events of these topics behind a number and up to another, in order.
create function service.read_events(behind bigint, up_to bigint, topics text[], most integer)
returns table (seq bigint, topic text, object text, park text, payload jsonb, at timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
select seq, topic, object, park, payload, at
from service.event
where seq > behind and seq <= up_to and topic = any (topics)
order by seq
limit most
$$;

-- Which of some requests and feedback have these secrets, as 0-based places.
create function service.owned_objects(ids uuid[], secrets text[]) returns integer[]
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
select coalesce(array_agg((asked.place - 1)::integer order by asked.place), '{}')
from unnest(ids, secrets) with ordinality asked (id, secret, place)
where exists (
    select from intake.request
    where request.id = asked.id and request.secret_hash = intake.secret_hash(asked.secret)
    union all
    select from intake.feedback
    where feedback.id = asked.id and feedback.secret_hash = intake.secret_hash(asked.secret)
)
$$;

-- Deletes events that are older than a time and numbered, so many at a time and in the order of their numbers, so that what
-- is kept has no holes; remembers up to where, and says how many.
create function service.prune_events(age interval, most integer) returns bigint
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
with gone as (
    delete from service.event
    where seq in (
        select seq from service.event
        where seq is not null and at < clock_timestamp() - age
            and seq < coalesce((
                select min(seq) from service.event where at >= clock_timestamp() - age and seq is not null
            ), 9223372036854775807)
        order by seq limit most
    )
    returning seq
),
noted as (
    update service.stream set pruned = greatest(pruned, (select max(seq) from gone))
    where exists (select from gone)
)
select count(*) from gone
$$;

-- Writers --------------------------------------------------------------------------------------------------------------

create function service.tell_intake() returns trigger language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$
begin
    insert into service.event (topic, object, park, payload)
    values (
        case when new.request is not null then 'request.updated' else 'feedback.updated' end,
        coalesce(new.request, new.feedback)::text,
        case when new.request is not null
            then (select park from intake.request where id = new.request)
            else (select park from intake.feedback where id = new.feedback)
        end,
        jsonb_build_object('id', coalesce(new.request, new.feedback), 'status', new.status)
    );
    return null;
end
$$;

-- Who submits knows that it was received.
create trigger tell_intake after insert on intake.event
for each row when (new.status <> 'received') execute function service.tell_intake();

create function service.job_end(ended queue.outcome) returns jsonb language sql immutable as $$
select jsonb_build_object(
    'id', ended.id, 'kind', ended.kind, 'state', ended.state,
    'ms', round(extract(epoch from ended.finished_at - ended.started_at) * 1000)
)
$$;

-- In the place that the queue keeps for it.
create or replace function queue.tell_done(jobs bigint[], moment timestamptz) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if service.wants_jobs() then
        insert into service.event (topic, object, park, payload)
        select 'job.finished', done.id::text, nullif(done.park, ''), service.job_end(done)
        from queue.outcome done
        where done.state = 'done' and done.finished_at = moment and done.id = any (jobs);
    end if;
end
$$;

create function service.tell_jobs() returns trigger language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$
begin
    if service.wants_jobs() then
        insert into service.event (topic, object, park, payload)
        select 'job.finished', ended.id::text, nullif(ended.park, ''), service.job_end(ended) from ended;
    end if;
    -- A job that gave up leaves its request to a person.
    insert into service.event (topic, object, park, payload)
    select
        'request.updated', ended.payload ->> 'id', nullif(ended.park, ''),
        jsonb_build_object('id', ended.payload ->> 'id', 'status', 'needs_staff')
    from ended
    where ended.kind = 'request' and ended.state = 'dead' and ended.payload ->> 'id' is not null;
    return null;
end
$$;

-- What ends otherwise goes into the whole table; what is done goes straight into the part for that, of which this trigger
-- does not hear.
create trigger tell_jobs after insert on queue.outcome referencing new table as ended
for each statement execute function service.tell_jobs();

create function service.tell_amenity() returns trigger language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$
declare
    amenity uuid := case when tg_op = 'DELETE' then old.id else new.id end;
begin
    insert into service.event (topic, object, payload)
    values (
        'amenity.changed', amenity::text,
        jsonb_build_object('id', amenity, 'change', case
            when tg_op = 'INSERT' then 'created'
            when tg_op = 'DELETE' then 'removed'
            when new.status = 'closed' and old.status <> 'closed' then 'closed'
            else 'updated'
        end)
    );
    return null;
end
$$;

create trigger tell_amenity after insert or delete on catalog.amenity
for each row execute function service.tell_amenity();
create trigger tell_amenity_change after update on catalog.amenity
for each row when (old.* is distinct from new.*) execute function service.tell_amenity();

-- Of what hangs on an amenity: once a statement for each amenity that still is there.
create function service.tell_amenity_facts() returns trigger language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$
begin
    insert into service.event (topic, object, payload)
    select 'amenity.changed', amenity.id::text, jsonb_build_object('id', amenity.id, 'change', 'updated')
    from (select distinct amenity from changed) touched join catalog.amenity on amenity.id = touched.amenity;
    return null;
end
$$;

do $$
declare
    name text;
begin
    foreach name in array array['amenity_name', 'language_offer', 'accreditation', 'opening_hours', 'field_check'] loop
        execute format(
            'create trigger tell_insert after insert on catalog.%I referencing new table as changed '
            'for each statement execute function service.tell_amenity_facts()', name
        );
        execute format(
            'create trigger tell_update after update on catalog.%I referencing new table as changed '
            'for each statement execute function service.tell_amenity_facts()', name
        );
        execute format(
            'create trigger tell_delete after delete on catalog.%I referencing old table as changed '
            'for each statement execute function service.tell_amenity_facts()', name
        );
    end loop;
end
$$;

-- The catalogue changes seldom, so its changes may wake whoever listens at once. (A notification within a transaction makes
-- commits wait for each other; the others are found by looking.)
create function service.wake_listeners() returns trigger language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform pg_notify('service_event', '');
    return null;
end
$$;

create trigger wake_listeners after insert or update or delete on catalog.amenity
for each statement execute function service.wake_listeners();

-- Rights ---------------------------------------------------------------------------------------------------------------

select access.guard('service.event');

revoke all on function service.number_events(integer), service.want_jobs(),
    service.read_events(bigint, bigint, text[], integer), service.owned_objects(uuid[], text[]),
    service.prune_events(interval, integer) from public;
grant execute on function service.number_events(integer), service.want_jobs(),
    service.read_events(bigint, bigint, text[], integer), service.owned_objects(uuid[], text[]) to amenity_anonymous;
grant execute on function service.prune_events(interval, integer) to amenity_worker;
revoke all on function queue.tell_done(bigint[], timestamptz) from public;
grant execute on function queue.tell_done(bigint[], timestamptz) to amenity_worker;
