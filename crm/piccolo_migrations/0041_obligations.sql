-- A task that comes from an obligation: which one, and the day that the rule gave, from which a person may have moved it.
alter table task add column obligation text not null default '', add column obligation_due date;
create index task_obligation on task (employer_id) where obligation <> '';
