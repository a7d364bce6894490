-- A hire that its board shares with the employer. Of what is told of it, the employer's people see what an employer knows anyway, never a sealed
-- answer; of its cases those that were submitted, which is done with them. The portal's login reads, and writes nothing here.
alter table hire add column shared_at timestamptz, add column shared_by uuid references account on delete restrict;
alter table hire_fact add column employer_sees boolean not null default false;
alter table hire_fact add constraint hire_fact_sealed_unseen check (not employer_sees or value_sealed is null);
grant update (employer_sees) on hire_fact to crm_app;

grant select on hire to crm_portal;
grant select (id, hire_id, key, value, source, told_at, replaced_at, employer_sees) on hire_fact to crm_portal;
grant select (id, hire_id, employer_id, program, state, state_since, estimated, certified, paid) on incentive_case to crm_portal;
create policy portal on hire for select to crm_portal using (
    shared_at is not null and archived_at is null and employer_id in (select portal_employers()));
create policy portal on hire_fact for select to crm_portal using (employer_sees and replaced_at is null and hire_id in (select id from hire));
create policy portal on incentive_case for select to crm_portal using (
    state in ('submitted', 'certified', 'paid', 'denied', 'appealed') and hire_id in (select id from hire));
