-- What people ask for and what they say.

create table intake.request (
    id uuid primary key default gen_random_uuid(),
    -- SHA-256 of the secret that lets an anonymous asker read the answer.
    secret_hash bytea not null,
    text text not null check (text <> ''),
    park text references catalog.park,
    lang text,
    nationality text,
    contact text,
    -- What the asker said in codes, before anything is understood from the text.
    categories text[] not null default '{}',
    attributes text[] not null default '{}',
    status text not null default 'received'
        check (status in ('received', 'understood', 'answered', 'unmet', 'needs_staff', 'closed')),
    understood jsonb,
    -- [{amenity, score, reasons}], best first.
    matches jsonb not null default '[]',
    nearest_alternative jsonb,
    job bigint,
    created_at timestamptz not null default clock_timestamp()
);

create index request_by_park on intake.request (park, created_at);

create table intake.feedback (
    id uuid primary key default gen_random_uuid(),
    secret_hash bytea not null,
    amenity uuid not null references catalog.amenity,
    text text,
    stars smallint check (stars between 1 and 5),
    -- {field, value}: what the reporter says is right.
    correction jsonb,
    lang text,
    nationality text,
    status text not null default 'received'
        check (status in ('received', 'published', 'in_review', 'merged', 'applied', 'rejected')),
    kind text check (kind in ('rating', 'comment', 'correction')),
    reply text,
    job bigint,
    created_at timestamptz not null default clock_timestamp(),
    check (text is not null or stars is not null or correction is not null)
);

-- The timeline of either, oldest first.
create table intake.event (
    id bigint generated always as identity primary key,
    request uuid references intake.request on delete cascade,
    feedback uuid references intake.feedback on delete cascade,
    status text not null,
    note text,
    at timestamptz not null default clock_timestamp(),
    check (num_nonnulls(request, feedback) = 1)
);

create index event_by_request on intake.event (request, id) where request is not null;
create index event_by_feedback on intake.event (feedback, id) where feedback is not null;

-- What park staff have to look at.
create table intake.review (
    id uuid primary key default gen_random_uuid(),
    queue text not null check (queue in ('correction')),
    park text references catalog.park,
    amenity uuid not null references catalog.amenity,
    feedback uuid not null unique references intake.feedback,
    field text not null,
    current_value text,
    proposed_value text not null,
    created_at timestamptz not null default clock_timestamp(),
    decided_at timestamptz
);

create index review_open on intake.review (queue, created_at) where decided_at is null;
