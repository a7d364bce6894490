-- What was seen and agreed at a site visit. What happened, with whom and when, is its line on the timeline. Each draft has a name
-- that the device made, so that it is logged once, however often the device sends it.
create table visit (
    id uuid primary key default gen_random_uuid(),
    activity_id uuid not null unique references activity on delete restrict,
    board_id uuid not null references board on delete restrict,
    account_id uuid not null references account on delete restrict,
    draft_id uuid not null,
    outcome text not null check (outcome in ('agreed', 'open', 'refused', 'fine', 'problem', 'missed')),
    notes text not null default '',
    seen jsonb not null default '{}', -- the points of the checklist that were answered: yes or no
    task_id uuid references task on delete restrict, -- what it was made for
    next_task_id uuid references task on delete restrict, -- what comes next
    made_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    updated_by uuid references account on delete restrict,
    made_version integer not null default 1, -- with its tasks, as the device that made it has it
    version integer not null default 1,
    unique (account_id, draft_id)
);
create index visit_board on visit (board_id, made_at desc);
create index visit_task on visit (task_id) where task_id is not null;
create index visit_next_task on visit (next_task_id) where next_task_id is not null;

-- A draft that says otherwise than someone else has saved meanwhile, whole, until a person settles it.
create table visit_proposal (
    id uuid primary key default gen_random_uuid(),
    visit_id uuid not null references visit on delete restrict,
    board_id uuid not null references board on delete restrict,
    account_id uuid not null references account on delete restrict,
    draft_id uuid not null,
    proposed jsonb not null,
    base text not null, -- what the device showed before
    made_at timestamptz not null default now(),
    settled_at timestamptz,
    settled_by uuid references account on delete restrict
);
create unique index visit_proposal_one on visit_proposal (account_id, draft_id) where settled_at is null;
create index visit_proposal_visit on visit_proposal (visit_id);
-- whom someone was with lately
create index activity_logger on activity (logged_by, at desc) where logged_by is not null;
grant select, insert, update on visit, visit_proposal to crm_app;
