-- Two rows that are one person become one, and can become two again. The one that goes stays, and leads to the one that is kept.
alter table contact add column merged_into uuid references contact on delete restrict;
create index contact_merged on contact (merged_into) where merged_into is not null;
-- a phone and a name that two share
create index contact_phone on contact (phone, search_text) where phone <> '' and archived_at is null;

create table contact_merge (
    id uuid primary key default gen_random_uuid(),
    kept_id uuid not null references contact on delete restrict,
    gone_id uuid not null references contact on delete restrict,
    before jsonb not null, -- fields of the kept one that the merge changed
    after jsonb not null,
    moved jsonb not null, -- rows by table
    made_by uuid references account on delete restrict,
    made_at timestamptz not null default now(),
    undone_at timestamptz,
    undone_by uuid references account on delete restrict,
    check (kept_id <> gone_id)
);
create index contact_merge_made on contact_merge (made_at desc);

-- What a person said are two stays apart.
create table contact_apart (
    id uuid primary key default gen_random_uuid(),
    left_id uuid not null references contact on delete restrict,
    right_id uuid not null references contact on delete restrict,
    decided_at timestamptz not null default now(),
    decided_by uuid references account on delete restrict,
    unique (left_id, right_id),
    check (left_id < right_id)
);

-- Someone left an employer, perhaps for another: one change of several rows, taken back as one.
create table job_change (
    id uuid primary key default gen_random_uuid(),
    contact_id uuid not null references contact on delete restrict,
    left_id uuid not null, -- the role that was left
    left_on date not null, -- the last day
    begun_id uuid, -- the role that was begun instead; gone when this is undone
    rows jsonb not null, -- what was before and what is after, row by row
    made_by uuid references account on delete restrict,
    made_at timestamptz not null default now(),
    undone_at timestamptz,
    undone_by uuid references account on delete restrict
);
create index job_change_contact on job_change (contact_id, made_at desc);
grant select, insert, update on contact_merge, contact_apart, job_change to crm_app;
grant delete on contact_apart to crm_app;
-- whose a line of the ledger is; what it says stays as it was written
grant update (contact_id) on consent to crm_app;
