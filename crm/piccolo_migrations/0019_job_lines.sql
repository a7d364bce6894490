-- Jobs of one line run one after another, in the order in which they were asked for.
alter table job add column line text;
create index job_line on job (line, created_at) where line is not null and state in ('queued', 'running');
