-- Tasks come again, carry a note, and can be dropped. What follows a repeated task knows which one, so that undo finds it.
alter table task add column note text not null default '',
    add column repeats text not null default '' check (repeats in ('', 'daily', 'weekly', 'monthly', 'quarterly', 'yearly')),
    add column repeat_day integer check (repeat_day between 1 and 31),
    add column follows_id uuid references task on delete restrict,
    add column dropped_at timestamptz;
create unique index task_follows on task (follows_id) where follows_id is not null and dropped_at is null;
drop index task_assignee;
drop index task_employer;
drop index task_board;
create index task_assignee on task (assignee_id, due) where done_at is null and dropped_at is null;
create index task_employer on task (employer_id, due) where done_at is null and dropped_at is null;
create index task_board on task (board_id, due) where done_at is null and dropped_at is null;

-- A morning mail with what is due, once a day; a person may do without.
alter table account add column digest boolean not null default true, add column digested_on date;

-- A person's tasks in their own calendar, by a link that can be taken back.
create table calendar_feed (
    id uuid primary key default gen_random_uuid(),
    account_id uuid not null references account on delete restrict,
    secret_hash bytea not null unique,
    made_at timestamptz not null default now(),
    revoked_at timestamptz
);
create index calendar_feed_account on calendar_feed (account_id) where revoked_at is null;
grant select, insert, update on calendar_feed to crm_app;
