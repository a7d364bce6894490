-- A claim of one program for one hire, from the estimate to the money. Its state, days and amounts follow from its moves.
create table incentive_case (
    id uuid primary key default gen_random_uuid(),
    hire_id uuid not null references hire on delete restrict,
    employer_id uuid not null references employer on delete restrict,
    board_id uuid not null references board on delete restrict,
    program text not null,
    owner_id uuid references account on delete restrict,
    estimate_id uuid not null references estimate on delete restrict, -- what was known when it was opened, or taken over since
    state text not null default 'preparing'
        check (state in ('preparing', 'submitted', 'certified', 'paid', 'denied', 'appealed', 'withdrawn')),
    state_since date not null,
    due date, -- the next day to keep while it is prepared, as the rule file counts it
    estimated numeric(14, 2),
    certified numeric(14, 2),
    paid numeric(14, 2),
    law_changed_on date, -- since when the law known gives the same facts another answer
    made_by uuid references account on delete restrict,
    made_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1
);
create unique index incentive_case_one on incentive_case (hire_id, program) where state <> 'withdrawn';
create index incentive_case_board on incentive_case (board_id, due, id);
create index incentive_case_employer on incentive_case (employer_id);

-- Moves are only undone, the last first, never changed.
create table case_move (
    id uuid primary key default gen_random_uuid(),
    case_id uuid not null references incentive_case on delete restrict,
    board_id uuid not null references board on delete restrict,
    from_state text not null,
    to_state text not null,
    on_day date not null,
    amount numeric(14, 2) check (amount >= 0),
    reason text not null default '',
    against text[] not null default '{}', -- what stood against submitting and was passed over, by code
    made_by uuid references account on delete restrict,
    made_at timestamptz not null default now(),
    undone_at timestamptz,
    undone_by uuid references account on delete restrict
);
create index case_move_case on case_move (case_id, made_at desc);

-- A step of the claim or a form that is done, by the mark of its words in the rule file.
create table case_item (
    id uuid primary key default gen_random_uuid(),
    case_id uuid not null references incentive_case on delete restrict,
    board_id uuid not null references board on delete restrict,
    item text not null,
    done_at timestamptz,
    done_by uuid references account on delete restrict,
    unique (case_id, item)
);

create table case_file (
    id uuid primary key default gen_random_uuid(),
    case_id uuid not null references incentive_case on delete restrict,
    board_id uuid not null references board on delete restrict,
    file_id uuid not null unique references stored_file on delete restrict,
    signed boolean not null default false,
    note text not null default '',
    added_by uuid references account on delete restrict,
    added_at timestamptz not null default now(),
    removed_at timestamptz
);
create index case_file_case on case_file (case_id, added_at);

grant select, insert, update on incentive_case, case_move, case_item, case_file to crm_app;
revoke update on case_move, case_file from crm_app;
grant update (undone_at, undone_by) on case_move to crm_app;
grant update (removed_at) on case_file to crm_app;

do $$
declare name text;
begin
    foreach name in array array['incentive_case', 'case_move', 'case_item', 'case_file'] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format('create policy staff on %I to crm_owner, crm_app using (true) with check (true)', name);
    end loop;
end
$$;
