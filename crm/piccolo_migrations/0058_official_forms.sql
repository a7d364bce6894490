-- An agency's fillable form as the state office uploaded it, its fields as they were read, and what goes into which.
-- A later edition takes the place of an earlier one, which stays and can be put back.
create table blank_form (
    id uuid primary key default gen_random_uuid(),
    program text not null,
    title text not null, -- the form as the rule file names it
    edition text not null default '',
    file_id uuid not null references stored_file on delete restrict,
    fields jsonb not null,
    mapping jsonb not null default '[]',
    made_by uuid references account on delete restrict,
    made_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    removed_at timestamptz,
    version integer not null default 1
);
create unique index blank_form_one on blank_form (program, title) where removed_at is null;

grant select, insert, update on blank_form to crm_app;
alter table blank_form enable row level security;
alter table blank_form force row level security;
create policy staff on blank_form to crm_owner, crm_app using (true) with check (true);
