-- What came of it, which service it was, and whether it was changed since. Added with a constant, so that no table is rewritten.
alter table activity
    add column outcome text not null default '',
    add column service_code text not null default '',
    add column updated_at timestamptz;
create index activity_establishment on activity (establishment_id, at desc, id desc) where establishment_id is not null;

-- Files that hang on an activity. They belong to no employer, so that what staff keep for themselves never shows in the portal.
create table activity_file (
    id uuid primary key default gen_random_uuid(),
    activity_id uuid not null references activity on delete restrict,
    file_id uuid not null unique references stored_file on delete restrict,
    added_by uuid references account on delete restrict,
    added_at timestamptz not null default now(),
    removed_at timestamptz
);
create index activity_file_activity on activity_file (activity_id);

-- What an activity said before it was changed, and by which it is changed back.
create table activity_change (
    id uuid primary key default gen_random_uuid(),
    activity_id uuid not null references activity on delete restrict,
    before jsonb not null,
    after jsonb not null,
    made_by uuid references account on delete restrict,
    made_at timestamptz not null default now(),
    undone_at timestamptz
);
create index activity_change_activity on activity_change (activity_id, made_at desc);

-- Colleagues who were named in an activity, and whether they have seen it.
create table activity_mention (
    id uuid primary key default gen_random_uuid(),
    activity_id uuid not null references activity on delete restrict,
    account_id uuid not null references account on delete restrict,
    made_by uuid references account on delete restrict,
    made_at timestamptz not null default now(),
    seen_at timestamptz,
    unique (activity_id, account_id)
);
create index activity_mention_waiting on activity_mention (account_id, made_at desc) where seen_at is null;

-- One note on many timelines is a change of many as well.
alter table bulk_change drop constraint bulk_change_kind_check;
alter table bulk_change add constraint bulk_change_kind_check check (kind in ('move', 'give', 'note'));
grant select, insert, update on activity_file, activity_change, activity_mention to crm_app;
