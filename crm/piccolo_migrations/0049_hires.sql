-- Someone whom an employer hired or plans to hire, as a board screens them for incentives. The label tells staff who is meant, such
-- as initials; neither a name in whole nor a social security number is asked for.
create table hire (
    id uuid primary key default gen_random_uuid(),
    employer_id uuid not null references employer on delete restrict,
    board_id uuid not null references board on delete restrict,
    establishment_id uuid,
    label text not null check (length(label) between 1 and 40),
    job_title text not null default '',
    starts_on date,
    state text not null default '' check (state ~ '^([A-Z]{2})?$'), -- where the work is done
    made_by uuid references account on delete restrict,
    made_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    archived_at timestamptz,
    version integer not null default 1,
    foreign key (employer_id, establishment_id) references establishment (employer_id, id) on delete restrict deferrable
);
create index hire_employer on hire (employer_id, made_at desc);
create index hire_board on hire (board_id, made_at desc);

-- What was told of a hire, answer by answer; the one before stays, so that each can be taken back. What is confidential, or known by
-- the learner alone, is sealed. What records know is read from them and never stands here.
create table hire_fact (
    id uuid primary key default gen_random_uuid(),
    hire_id uuid not null references hire on delete restrict,
    board_id uuid not null references board on delete restrict,
    key text not null,
    value text,
    value_sealed bytea,
    source text not null check (source in ('questionnaire', 'learner')),
    told_by uuid references account on delete restrict,
    told_at timestamptz not null default now(),
    replaced_at timestamptz,
    check (value is null or value_sealed is null)
);
create unique index hire_fact_current on hire_fact (hire_id, key) where replaced_at is null;
create index hire_fact_history on hire_fact (hire_id, key, told_at desc);

-- A link by which someone without an account reads a screening, without what is confidential in it.
create table screening_link (
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
create index screening_link_hire on screening_link (hire_id, made_at desc);

-- An estimate of a hire keeps its facts and its answer sealed; of it, `result` tells only the programs and their amounts.
alter table estimate add column hire_id uuid references hire on delete restrict, add column content_sealed bytea;
create index estimate_hire on estimate (hire_id, created_at desc) where hire_id is not null;

grant select, insert, update on hire, hire_fact, screening_link to crm_app;
revoke update on hire_fact, screening_link from crm_app;
grant update (replaced_at, value_sealed) on hire_fact to crm_app;
grant update (revoked_at, revoked_by) on screening_link to crm_app;

-- no login but the staff's has a way to what is known of a person
do $$
declare name text;
begin
    foreach name in array array['hire', 'hire_fact', 'screening_link'] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format('create policy staff on %I to crm_owner, crm_app using (true) with check (true)', name);
    end loop;
end
$$;
