-- Every row that is edited says when.
alter table board add column updated_at timestamptz not null default now();
alter table partner add column updated_at timestamptz not null default now();
