-- Where a row is deleted (an import is taken back), PostgreSQL looks for what refers to it, and no partial index serves
-- that look: it read all activities once for each employer. These serve both that and the pages.
drop index activity_employer;
create index activity_employer on activity (employer_id, at desc, id desc);
create index activity_contact on activity (contact_id) where contact_id is not null;
drop index engagement_employer;
create index engagement_employer on engagement (employer_id);
drop index task_employer;
create index task_employer on task (employer_id, due);
drop index establishment_employer;
create index establishment_employer on establishment (employer_id);
