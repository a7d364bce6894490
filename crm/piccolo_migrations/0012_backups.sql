-- What was saved where, and when it was last proven on a spare server. The files themselves lie outside.
create table backup (
    id uuid primary key default gen_random_uuid(),
    taken_at timestamptz not null,
    file text not null unique,
    size bigint not null,
    row_count bigint not null,
    file_count bigint not null,
    drilled_at timestamptz,
    drill_seconds numeric(10, 1),
    problems text[] not null default '{}',
    dropped_at timestamptz
);
create index backup_recent on backup (taken_at desc);
grant select, insert, update on backup to crm_app;
