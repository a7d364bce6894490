-- A season in which a board, or the state, asks employers for slots, and how many it wants.
create table pledge_drive (
    id uuid primary key default gen_random_uuid(),
    board_id uuid references board on delete restrict, -- empty: the state's, for every board
    name_en text not null,
    name_es text not null,
    first_day date not null,
    last_day date not null,
    goal integer not null check (goal > 0),
    archived_at timestamptz,
    made_by uuid references account on delete restrict,
    made_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    check (last_day >= first_day)
);
create index pledge_drive_board on pledge_drive (board_id, last_day desc);

-- What an employer says it will offer. What became of its slots is the sum of the entries in pledge_progress.
create table pledge (
    id uuid primary key default gen_random_uuid(),
    drive_id uuid not null references pledge_drive on delete restrict,
    board_id uuid not null references board on delete restrict,
    employer_id uuid not null references employer on delete restrict,
    establishment_id uuid,
    contact_id uuid references contact on delete restrict,
    kind text not null check (kind in ('internship', 'summer_job', 'co_op', 'pre_apprenticeship', 'apprenticeship',
        'work_experience', 'job_shadow', 'mentoring', 'project')),
    slots integer not null check (slots > 0),
    pay text not null check (pay in ('unsettled', 'employer_pays', 'program_pays', 'both_pay', 'unpaid')),
    payer text not null default '',
    first_day date,
    last_day date,
    least_age integer check (least_age between 0 and 99),
    open_to text not null default '',
    access_note text not null default '',
    note text not null default '',
    pledged_on date not null,
    matched integer not null default 0,
    started integer not null default 0,
    completed integer not null default 0,
    withdrawn_at timestamptz,
    withdrawn_by uuid references account on delete restrict,
    withdraw_reason text not null default '',
    made_by uuid references account on delete restrict,
    made_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    -- no slot is given away twice, whoever counts at the same time
    constraint pledge_totals check (0 <= completed and completed <= started and started <= matched and matched <= slots),
    constraint pledge_withdrawn check (withdrawn_at is null or matched = 0),
    check (last_day >= first_day),
    foreign key (employer_id, establishment_id) references establishment (employer_id, id) on delete restrict deferrable
);
create index pledge_drive_newest on pledge (drive_id, pledged_on desc, id desc);
create index pledge_board on pledge (board_id, drive_id);
create index pledge_employer on pledge (employer_id, pledged_on desc);
create index pledge_contact on pledge (contact_id) where contact_id is not null;

-- How many slots were matched, started or completed, day by day. Entries are only undone, never changed. Staff count by hand;
-- a placement will write its own entry here, and the totals follow either way.
create table pledge_progress (
    id uuid primary key default gen_random_uuid(),
    pledge_id uuid not null references pledge on delete restrict,
    board_id uuid not null references board on delete restrict,
    step text not null check (step in ('matched', 'started', 'completed')),
    change integer not null check (change <> 0),
    on_day date not null,
    note text not null default '',
    recorded_by uuid references account on delete restrict,
    recorded_at timestamptz not null default now(),
    undone_at timestamptz,
    undone_by uuid references account on delete restrict
);
create index pledge_progress_pledge on pledge_progress (pledge_id, on_day desc, recorded_at desc);

create function keep_pledge_totals() returns trigger language plpgsql as $$
declare
    added integer := case when new.undone_at is null then new.change else 0 end;
begin
    if tg_op = 'UPDATE' and old.undone_at is null then
        added := added - old.change;
    end if;
    update pledge set
        matched = matched + case when new.step = 'matched' then added else 0 end,
        started = started + case when new.step = 'started' then added else 0 end,
        completed = completed + case when new.step = 'completed' then added else 0 end
     where id = new.pledge_id;
    return null;
end
$$;
create trigger pledge_progress_totals after insert or update of undone_at on pledge_progress
    for each row execute function keep_pledge_totals();

grant select, insert, update on pledge_drive, pledge, pledge_progress to crm_app;
revoke update on pledge_progress from crm_app;
grant update (undone_at, undone_by) on pledge_progress to crm_app;

-- employers read their own pledges in the portal, and the drives that these belong to
grant select on pledge, pledge_drive to crm_portal;
do $$
declare name text; rule text;
begin
    for name, rule in values
        ('pledge', 'employer_id in (select portal_employers())'),
        ('pledge_drive', 'exists (select from pledge p where p.drive_id = pledge_drive.id)')
    loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format('create policy staff on %I to crm_owner, crm_app using (true) with check (true)', name);
        execute format('create policy portal on %I for select to crm_portal using (%s)', name, rule);
    end loop;
end
$$;
