-- A link by which the person who was hired tells, without an account, what only they know: of one hire, for so many days, taken back at will.
create table learner_link (
    id uuid primary key default gen_random_uuid(),
    hire_id uuid not null references hire on delete restrict,
    board_id uuid not null references board on delete restrict,
    secret_hash bytea not null unique,
    language text not null check (language in ('en', 'es')),
    until date not null,
    made_by uuid references account on delete restrict,
    made_at timestamptz not null default now(),
    revoked_at timestamptz,
    revoked_by uuid references account on delete restrict
);
create index learner_link_hire on learner_link (hire_id, made_at desc);
grant select, insert on learner_link to crm_app;
grant update (revoked_at, revoked_by) on learner_link to crm_app;
alter table learner_link enable row level security;
alter table learner_link force row level security;
create policy staff on learner_link to crm_owner, crm_app using (true) with check (true);

-- who told it: staff in the questions, the person through staff, the person by their own link, the employer in the portal
alter table hire_fact drop constraint hire_fact_source_check;
alter table hire_fact add constraint hire_fact_source_check check (source in ('questionnaire', 'learner', 'own_link', 'employer'));
