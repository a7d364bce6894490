-- What a board lets another see besides its whole conversation: single entries of the timeline, or single facts of where it stands.
create table shared_part (
    id uuid primary key default gen_random_uuid(),
    employer_id uuid not null references employer on delete restrict,
    from_board_id uuid not null references board on delete restrict,
    to_board_id uuid not null references board on delete restrict,
    activity_id uuid references activity on delete restrict,
    parts text[] not null default '{}' check (parts <@ '{next_step,slots,owner,tasks}'),
    purpose text not null,
    until date not null,
    made_at timestamptz not null default now(),
    made_by uuid references account on delete restrict,
    revoked_at timestamptz,
    check (from_board_id <> to_board_id),
    check ((activity_id is null) = (parts <> '{}'))
);
create index shared_part_read on shared_part (to_board_id, employer_id) where revoked_at is null;
create index shared_part_employer on shared_part (employer_id);
create index shared_part_activity on shared_part (activity_id) where activity_id is not null;
grant select, insert, update on shared_part to crm_app;
