-- What an employer claimed of a program for a year elsewhere: through another board, or by itself. It uses up what the law gives one employer.
-- A line is taken out and put back, never changed.
create table claimed_elsewhere (
    id uuid primary key default gen_random_uuid(),
    employer_id uuid not null references employer on delete restrict,
    board_id uuid not null references board on delete restrict, -- who was told; others do not see it
    program text not null,
    year integer not null check (year between 1900 and 2199),
    amount numeric(14, 2) check (amount >= 0), -- null: how much is not known
    people integer check (people >= 0), -- null: for how many is not known
    source text not null check (source <> ''),
    on_day date not null, -- as of which day it is so
    told_by uuid references account on delete restrict,
    told_at timestamptz not null default now(),
    removed_at timestamptz,
    removed_by uuid references account on delete restrict
);
create index claimed_elsewhere_employer on claimed_elsewhere (employer_id, board_id, told_at);

grant select, insert on claimed_elsewhere to crm_app;
grant update (removed_at, removed_by, employer_id) on claimed_elsewhere to crm_app;
alter table claimed_elsewhere enable row level security;
alter table claimed_elsewhere force row level security;
create policy staff on claimed_elsewhere to crm_owner, crm_app using (true) with check (true);
