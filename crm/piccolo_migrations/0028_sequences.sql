-- Steps days apart, of mails, calls, visits and letters, that end by themselves when someone answers.
create table sequence (
    id uuid primary key default gen_random_uuid(),
    board_id uuid references board on delete restrict, -- empty: the state's, for every board
    name text not null,
    then_sequence_id uuid references sequence on delete restrict, -- who comes to its end goes on there
    archived_at timestamptz,
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    check (then_sequence_id <> id)
);
create index sequence_board on sequence (board_id, name) where archived_at is null;
create index sequence_then on sequence (then_sequence_id) where then_sequence_id is not null;

create table sequence_step (
    id uuid primary key default gen_random_uuid(),
    sequence_id uuid not null references sequence on delete restrict,
    board_id uuid references board on delete restrict, -- its sequence's
    position integer not null,
    kind text not null check (kind in ('email', 'call', 'visit', 'letter')),
    wait_days integer not null default 0 check (wait_days between 0 and 365), -- working days after the step before
    title text not null,
    assignee_id uuid references account on delete restrict, -- empty: whoever looks after the employer
    subject_en text not null default '',
    body_en text not null default '',
    subject_es text not null default '',
    body_es text not null default '',
    archived_at timestamptz,
    version integer not null default 1
);
create index sequence_step_sequence on sequence_step (sequence_id, position) where archived_at is null;

-- A board lets no step of a sequence happen for now, its own or the state's.
create table sequence_hold (
    id uuid primary key default gen_random_uuid(),
    sequence_id uuid not null references sequence on delete restrict,
    board_id uuid not null references board on delete restrict,
    made_by uuid references account on delete restrict,
    made_at timestamptz not null default now(),
    unique (sequence_id, board_id)
);

-- Those who were put on a sequence together: looked at first, taken back as one.
create table enrolment_batch (
    id uuid primary key default gen_random_uuid(),
    sequence_id uuid not null references sequence on delete restrict,
    board_id uuid not null references board on delete restrict,
    chosen jsonb not null default '{}', -- the filters and who at each employer
    state text not null default 'preparing' check (state in ('preparing', 'draft', 'started', 'undone')),
    made_by uuid references account on delete restrict,
    made_at timestamptz not null default now()
);
create index enrolment_batch_sequence on enrolment_batch (sequence_id, made_at desc);

create table enrolment (
    id uuid primary key default gen_random_uuid(),
    batch_id uuid not null references enrolment_batch on delete restrict,
    sequence_id uuid not null references sequence on delete restrict,
    board_id uuid not null references board on delete restrict,
    employer_id uuid not null references employer on delete restrict,
    contact_id uuid not null references contact on delete restrict,
    engagement_id uuid references engagement on delete restrict,
    state text not null check (state in ('listed', 'left_out', 'active', 'paused', 'done', 'stopped')),
    reason text not null default '', -- why it was stopped, by a name of ours
    detail text not null default '', -- in words
    due_at timestamptz, -- of its next step; empty while a mail of it is on its way
    since timestamptz not null default now(), -- answers from then on stop it
    made_by uuid references account on delete restrict,
    ended_at timestamptz,
    unique (batch_id, sequence_id, contact_id)
);
create unique index enrolment_one on enrolment (contact_id, board_id) where state in ('active', 'paused');
create index enrolment_due on enrolment (sequence_id, board_id, due_at, id) where state = 'active';
create index enrolment_listed on enrolment (sequence_id, board_id, state, id);
create index enrolment_employer on enrolment (employer_id) where state in ('active', 'paused');
create index enrolment_engagement on enrolment (engagement_id) where engagement_id is not null;
create index enrolment_batch_rows on enrolment (batch_id, state, id);

-- What was done for a person: each step once.
create table enrolment_step (
    id uuid primary key default gen_random_uuid(),
    enrolment_id uuid not null references enrolment on delete restrict,
    step_id uuid not null references sequence_step on delete restrict,
    task_id uuid references task on delete restrict,
    letter jsonb, -- as it was filled
    at timestamptz not null default now(),
    unique (enrolment_id, step_id)
);
create index enrolment_step_task on enrolment_step (task_id) where task_id is not null;

-- A mail belongs to a mailing, or to a step of a sequence.
alter table mailing_recipient alter column mailing_id drop not null, add column enrolment_id uuid references enrolment on delete restrict,
    add column step_id uuid references sequence_step on delete restrict;
alter table mailing_recipient add constraint mailing_recipient_whose check (num_nonnulls(mailing_id, enrolment_id) = 1
    and (enrolment_id is null) = (step_id is null));
create unique index mailing_recipient_step on mailing_recipient (enrolment_id, step_id) where enrolment_id is not null;
create index mailing_recipient_open on mailing_recipient (enrolment_id, state) where enrolment_id is not null and state <> 'sent';

grant select, insert, update on sequence, sequence_step, sequence_hold, enrolment_batch, enrolment, enrolment_step to crm_app;
grant delete on sequence_hold, enrolment to crm_app;
