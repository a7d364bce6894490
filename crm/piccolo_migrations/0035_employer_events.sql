-- A career fair, a tour, a breakfast: what a board invites employers to.
create table employer_event (
    id uuid primary key default gen_random_uuid(),
    board_id uuid not null references board on delete restrict,
    kind text not null check (kind in ('career_fair', 'tour', 'breakfast', 'other_event')),
    title_en text not null,
    title_es text not null default '',
    about_en text not null default '',
    about_es text not null default '',
    place text not null default '',
    link text not null default '',
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    capacity integer check (capacity > 0),
    seats integer not null default 0 check (seats >= 0), -- taken; kept by the guests below
    shown_to text not null default 'board' check (shown_to in ('board', 'boards')),
    sign_up boolean not null default false,
    sign_up_code text not null unique,
    cancelled_at timestamptz,
    cancel_reason text not null default '',
    closed_at timestamptz,
    closed_by uuid references account on delete restrict,
    made_by uuid references account on delete restrict,
    made_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    check (ends_at > starts_at),
    -- a seat is given once, however many answer at the same moment
    constraint employer_event_seats check (seats <= capacity)
);
create index employer_event_board on employer_event (board_id, starts_at desc);
create index employer_event_start on employer_event (starts_at) where cancelled_at is null;

-- Who is invited, signed up or walked in, what they answered, and whether they came.
create table event_guest (
    id uuid primary key default gen_random_uuid(),
    event_id uuid not null references employer_event on delete restrict,
    board_id uuid not null references board on delete restrict,
    employer_id uuid references employer on delete restrict, -- empty until a person says whose they are
    contact_id uuid references contact on delete restrict,
    given_name text not null default '',
    family_name text not null default '',
    email citext not null default '',
    company text not null default '',
    language text not null default 'en' check (language in ('en', 'es')),
    source text not null check (source in ('invited', 'sign_up', 'walk_in')),
    answer text not null default '' check (answer in ('', 'yes', 'maybe', 'no', 'waiting')),
    people integer not null default 1 check (people between 1 and 20),
    names text not null default '',
    access_needs text not null default '', -- for the organizers alone; forgotten after the event
    answered_at timestamptz,
    waiting_since timestamptz,
    signed_up_at timestamptz, -- when the page for all last wrote to them
    reminded_at timestamptz,
    cancel_told_at timestamptz,
    came_at timestamptz,
    came_by uuid references account on delete restrict,
    activity_id uuid references activity on delete restrict,
    token_hashes bytea[] not null default '{}',
    made_by uuid references account on delete restrict,
    made_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    removed_at timestamptz,
    version integer not null default 1,
    unique (event_id, contact_id)
);
create unique index event_guest_address on event_guest (event_id, email) where email <> '' and contact_id is null;
create index event_guest_state on event_guest (event_id, answer, family_name, id) where removed_at is null;
create index event_guest_employer on event_guest (employer_id, event_id) where removed_at is null;
create index event_guest_contact on event_guest (contact_id) where contact_id is not null;
create index event_guest_token on event_guest using gin (token_hashes);

create function keep_event_seats() returns trigger language plpgsql as $$
declare
    before integer := 0;
    after integer := 0;
begin
    if tg_op <> 'INSERT' and old.answer = 'yes' and old.removed_at is null then
        before := old.people;
    end if;
    if tg_op <> 'DELETE' and new.answer = 'yes' and new.removed_at is null then
        after := new.people;
    end if;
    if after <> before then
        update employer_event set seats = seats + after - before where id = coalesce(new.event_id, old.event_id);
    end if;
    return null;
end
$$;
create trigger event_guest_seats after insert or delete or update of answer, people, removed_at on event_guest
    for each row execute function keep_event_seats();

-- a mailing may be one to the guests of an event
alter table mailing add column event_id uuid references employer_event on delete restrict;
create index mailing_event on mailing (event_id) where event_id is not null;

grant select, insert, update on employer_event, event_guest to crm_app;
grant delete on event_guest to crm_app;
