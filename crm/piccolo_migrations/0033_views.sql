-- A question that was put to a list, under a name. Whoever it is shared with asks it anew: each sees what is theirs to see.
create table saved_view (
    id uuid primary key default gen_random_uuid(),
    account_id uuid not null references account on delete restrict,
    list text not null,
    name text not null,
    filters jsonb not null, -- as they stand in the list's address
    board_ids uuid[] not null default '{}', -- the boards that it is shared with
    made_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    archived_at timestamptz,
    version integer not null default 1
);
create index saved_view_account on saved_view (account_id, list, name);
create index saved_view_boards on saved_view using gin (board_ids) where archived_at is null;
grant select, insert, update on saved_view to crm_app;

-- what someone sees first after they sign in
alter table account add column start_view_id uuid references saved_view on delete restrict;
create index account_start_view on account (start_view_id) where start_view_id is not null;
