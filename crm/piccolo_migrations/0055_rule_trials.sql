-- A proposed program tried over many hires: simulated, or run in the shadow of the installed one. Its files stay as they were uploaded.
create table rule_trial (
    id uuid primary key default gen_random_uuid(),
    kind text not null check (kind in ('simulation', 'shadow')),
    drafts jsonb not null, -- of each: name and text of its file, the program's id and name; of an installed one no text
    year integer, -- of recorded hires; null for all of them, or for a file
    file_id uuid references stored_file on delete restrict, -- hires that were uploaded
    reads_sealed boolean not null default false, -- whoever asked may read sealed answers, so that they counted
    job_id uuid,
    result jsonb, -- sums and counts, none of too few people
    detail_sealed bytea, -- answer by answer, for those who may read them
    made_by uuid references account on delete restrict,
    made_at timestamptz not null default now(),
    finished_at timestamptz
);
create index rule_trial_made on rule_trial (kind, made_at desc);

grant select, insert on rule_trial to crm_app;
grant update (job_id, result, detail_sealed, finished_at) on rule_trial to crm_app;

alter table rule_trial enable row level security;
alter table rule_trial force row level security;
create policy staff on rule_trial to crm_owner, crm_app using (true) with check (true);
