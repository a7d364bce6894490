-- Fields that the state or a plugin adds to employers, worksites and people.
create table custom_field (
    id uuid primary key default gen_random_uuid(),
    subject text not null check (subject in ('employer', 'establishment', 'contact')),
    key text not null,
    owner text not null default '', -- the plugin that declares it; empty: the state
    kind text not null check (kind in ('text', 'long_text', 'number', 'decimal', 'money', 'date', 'yes_no', 'choice', 'choices', 'link', 'email', 'phone')),
    label_en text not null,
    label_es text not null,
    purpose_en text not null,
    purpose_es text not null,
    help_en text not null default '',
    help_es text not null default '',
    sensitivity text not null default 'record' check (sensitivity in ('record', 'staff', 'sealed')),
    required boolean not null default false,
    choices jsonb not null default '[]',
    unit text not null default '',
    lowest numeric,
    highest numeric,
    longest integer,
    keep_months integer check (keep_months between 1 and 600),
    portal text not null default 'hidden' check (portal in ('hidden', 'shown', 'edited')),
    position integer not null default 0,
    made_by uuid references account on delete restrict,
    made_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    archived_at timestamptz,
    version integer not null default 1,
    unique (subject, key)
);

-- Each value a row: seen by its field's sensitivity, kept as long as its field says, moved and set aside by merges.
create table custom_value (
    id uuid primary key default gen_random_uuid(),
    field_id uuid not null references custom_field on delete restrict,
    employer_id uuid references employer on delete restrict,
    establishment_id uuid references establishment on delete restrict,
    contact_id uuid references contact on delete restrict,
    value jsonb,
    sealed bytea,
    marks text[] not null default '{}', -- field:code, of choices and of yes and no, for filters
    changed_at timestamptz not null default now(),
    changed_by uuid references account on delete restrict,
    aside_at timestamptz, -- it gave way to another when two employers became one
    check (num_nonnulls(employer_id, establishment_id, contact_id) = 1),
    check (num_nonnulls(value, sealed) = 1)
);
create unique index custom_value_employer on custom_value (employer_id, field_id) where aside_at is null;
create unique index custom_value_establishment on custom_value (establishment_id, field_id) where aside_at is null;
create unique index custom_value_contact on custom_value (contact_id, field_id) where aside_at is null;
create index custom_value_aside on custom_value (employer_id) where aside_at is not null;
create index custom_value_marks on custom_value using gin (marks) where cardinality(marks) > 0;
create index custom_value_age on custom_value (field_id, changed_at);
grant select, insert, update on custom_field to crm_app;
grant select, insert, update, delete on custom_value to crm_app;
