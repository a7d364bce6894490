-- Employers see added fields of their own in the portal, and change those of which it is said; even raw SQL gets no further.
grant select on custom_field to crm_portal;
grant select, insert, update, delete on custom_value to crm_portal;
alter table custom_field enable row level security;
alter table custom_field force row level security;
create policy staff on custom_field to crm_owner, crm_app using (true) with check (true);
create policy portal on custom_field to crm_portal using (
    portal <> 'hidden' and subject = 'employer' and sensitivity = 'record' and archived_at is null and exists (select portal_employers()));
alter table custom_value enable row level security;
alter table custom_value force row level security;
create policy staff on custom_value to crm_owner, crm_app using (true) with check (true);
create policy portal_reads on custom_value for select to crm_portal using (
    employer_id in (select portal_employers()) and aside_at is null and field_id in (select id from custom_field));
create policy portal_adds on custom_value for insert to crm_portal with check (
    employer_id in (select portal_employers()) and sealed is null and field_id in (select id from custom_field where portal = 'edited'));
create policy portal_changes on custom_value for update to crm_portal using (
    employer_id in (select portal_employers()) and aside_at is null and field_id in (select id from custom_field where portal = 'edited'))
    with check (employer_id in (select portal_employers()) and sealed is null and field_id in (select id from custom_field where portal = 'edited'));
create policy portal_removes on custom_value for delete to crm_portal using (
    employer_id in (select portal_employers()) and aside_at is null and field_id in (select id from custom_field where portal = 'edited'));

-- Whoever deletes an employer, a worksite or a person asks for their values, set aside or not.
create index custom_value_of_employer on custom_value (employer_id) where employer_id is not null;
create index custom_value_of_establishment on custom_value (establishment_id) where establishment_id is not null;
create index custom_value_of_contact on custom_value (contact_id) where contact_id is not null;
drop index custom_value_aside;
