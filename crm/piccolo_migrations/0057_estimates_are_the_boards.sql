-- The paper of an estimate may say why a person belongs to a group. The first ones were tied to the employer, who could open them.
update stored_file set employer_id = null where kind like 'estimate:%' and employer_id is not null;
