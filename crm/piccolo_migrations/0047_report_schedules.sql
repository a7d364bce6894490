-- Who gets the report of a board, or of the state, by mail, and when. Whether they may see it is asked at each run.
create table report_schedule (
    id uuid primary key default gen_random_uuid(),
    account_id uuid not null references account on delete restrict,
    board_id uuid references board on delete restrict, -- empty: the whole state
    rhythm text not null check (rhythm in ('weekly', 'monthly', 'quarterly')),
    day integer not null check (day between 1 and 31), -- of the week from Monday, or of the month
    language text not null,
    until date, -- its last day
    next_on date, -- empty: it is over
    last_on date,
    mail_id uuid, -- of the last mail, which housekeeping takes away after a year
    problem text not null default '',
    paused_at timestamptz,
    stopped_at timestamptz,
    stop_hashes bytea[] not null default '{}', -- of the ways out in its mails
    made_by uuid references account on delete restrict,
    made_at timestamptz not null default now(),
    check (rhythm <> 'weekly' or day <= 5)
);
create unique index report_schedule_one on report_schedule (account_id, coalesce(board_id, '00000000-0000-0000-0000-000000000000'))
    where stopped_at is null;
create index report_schedule_due on report_schedule (next_on) where stopped_at is null and paused_at is null;
create index report_schedule_board on report_schedule (board_id);
create index report_schedule_stop on report_schedule using gin (stop_hashes);
grant select, insert, update on report_schedule to crm_app;
create unique index stored_file_report on stored_file (kind) where kind like 'report:%';
