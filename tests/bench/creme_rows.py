"""The rows of our directory in Creme's tables: the same organisations, people and activities, tied together as Creme ties them."""

import io

import asyncpg

# What of ours Creme has a place for, numbered. Read from our database, staged in Creme's.
READ = {
    "staged_organisation": (
        "n integer, name text, phone text, sector text, line1 text, city text, state text, zip text",
        "select row_number() over (order by e.id)::int, e.name, e.phone, e.sector, s.line1, e.city, e.state, e.zip "
        "from employer e join establishment s on s.employer_id = e.id and s.is_primary",
    ),
    "staged_person": (
        "n integer, organisation integer, given text, family text, email text, phone text",
        "select row_number() over (order by c.id)::int, e.n, c.given_name, c.family_name, c.email::text, c.phone "
        "from contact c join affiliation f on f.contact_id = c.id "
        "join (select id, row_number() over (order by id)::int as n from employer) e on e.id = f.employer_id",
    ),
    "staged_activity": (
        "n integer, organisation integer, person integer, kind text, summary text, at timestamptz",
        "select row_number() over (order by y.at, y.id)::int, e.n, c.n, y.kind, y.summary, y.at from activity y "
        "join (select id, row_number() over (order by id)::int as n from employer) e on e.id = y.employer_id "
        "join (select id, row_number() over (order by id)::int as n from contact) c on c.id = y.contact_id",
    ),
}
FIRST = {"organisation": 1_000, "contact": 1_000_000, "activity": 10_000_000}  # their ids begin after these

WRITE = """
insert into persons_sector (title, extra_data, is_custom, uuid, created, modified)
select 'NAICS ' || sector, '{}'::jsonb, true, gen_random_uuid(), now(), now() from (select distinct sector from staged_organisation) s;

insert into creme_core_cremeentity (id, uuid, created, modified, header_filter_search_field, is_deleted, entity_type_id, user_id, extra_data, description)
select first_id + n, gen_random_uuid(), now(), now(), shown, false, t.id, 1, '{}', ''
  from (select {organisation} as first_id, n, name as shown, 'organisation' as model from staged_organisation
        union all select {contact}, n, given || ' ' || family, 'contact' from staged_person
        union all select {activity}, n, summary, 'activity' from staged_activity) r
  join django_content_type t on t.model = r.model and t.app_label in ('persons', 'activities');

insert into persons_address (id, name, address, po_box, zipcode, city, department, state, country, object_id, content_type_id, extra_data, created, modified)
select n, 'Billing address', line1, '', zip, city, '', state, '', {organisation} + n, t.id, '{}', now(), now()
  from staged_organisation join django_content_type t on t.app_label = 'persons' and t.model = 'organisation';

insert into persons_organisation (cremeentity_ptr_id, name, is_managed, phone, fax, email, url_site, siren, naf, siret, rcs, eori, tvaintra,
                                  subject_to_vat, annual_revenue, code, billing_address_id, sector_id)
select {organisation} + n, name, false, phone, '', '', '', '', '', '', '', '', '', true, '', '', n, s.id
  from staged_organisation o join persons_sector s on s.title = 'NAICS ' || o.sector;

insert into persons_contact (cremeentity_ptr_id, last_name, first_name, phone, mobile, skype, fax, email, url_site, full_position)
select {contact} + n, family, given, phone, '', '', '', email, '', 'HR manager' from staged_person;

insert into activities_activity (cremeentity_ptr_id, title, start, "end", minutes, place, is_all_day, busy, floating_type, type_id, sub_type_id, status_id)
select {activity} + n, summary, at, at + interval '30 minutes', '', '', false, false, 1, t.id,
       (select min(id) from activities_activitysubtype where type_id = t.id), (select id from activities_status where name = 'Done')
  from staged_activity a
  join activities_activitytype t on t.name = case when kind = 'call' then 'Phone call' when kind in ('visit', 'meeting') then 'Meeting' else 'Task' end;

-- each tie is kept from both sides
insert into creme_core_relation (id, created, subject_entity_id, type_id, object_entity_id, object_ctype_id, symmetric_relation_id, user_id)
select side.id, now(), side.subject, side.type, side.object, t.id, side.other, 1
  from (select row_number() over () * 2 as k, r.* from (
            select {contact} + n as one, 'persons-subject_employed_by' as there, {organisation} + organisation as two, 'persons-object_employed_by' as back,
                   'contact' as model, 'organisation' as other_model from staged_person
            union all select {organisation} + organisation, 'activities-subject_activity_subject', {activity} + n, 'activities-object_activity_subject',
                   'organisation', 'activity' from staged_activity
            union all select {contact} + person, 'activities-subject_participates_to_activity', {activity} + n, 'activities-object_participates_to_activity',
                   'contact', 'activity' from staged_activity) r) r
  cross join lateral (values (k, one, there, two, other_model, k + 1), (k + 1, two, back, one, model, k)) side (id, subject, type, object, model, other)
  join django_content_type t on t.model = side.model and t.app_label in ('persons', 'activities');

select setval('creme_core_cremeentity_id_seq', (select max(id) from creme_core_cremeentity));
select setval('creme_core_relation_id_seq', (select max(id) from creme_core_relation));
select setval('persons_address_id_seq', (select max(id) from persons_address));
"""


async def copy(ours: str, theirs: str) -> None:
    """From our database into Creme's, once, by addresses of the superuser."""
    source, target = await asyncpg.connect(ours), await asyncpg.connect(theirs)
    if await target.fetchval("select count(*) from activities_activity") == 0:
        await _fill(source, target)
    await source.close()
    await target.close()


async def _fill(source: asyncpg.Connection, target: asyncpg.Connection) -> None:
    await target.execute("set session_replication_role = replica; set work_mem = '256MB'")
    for table, (columns, query) in READ.items():
        await target.execute(f"create temporary table {table} ({columns})")
        rows = io.BytesIO()
        await source.copy_from_query(query, output=rows, format="binary")
        rows.seek(0)
        await target.copy_to_table(table, source=rows, format="binary")
    sql = WRITE
    for name, number in FIRST.items():
        sql = sql.replace(f"{{{name}}}", str(number))
    await target.execute(sql)
    await target.execute("vacuum (analyze)")
