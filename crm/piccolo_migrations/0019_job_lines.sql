-- Jobs of one line run one after another, in the order in which they were asked for.
alter table job add column line text;
alter table job alter column created_at set default clock_timestamp();  -- an action may ask for several
create index job_line on job (line, created_at) where line is not null and state in ('queued', 'running');
