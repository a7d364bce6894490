"""Fill a migrated database with many employers, quickly: SQL alone, the same each time."""

import asyncpg

from crm.database import fetch_value, transaction

# One establishment in five is an employer's second; 2.4 contacts and 10 activities an employer,
# as in the 25k / 60k / 250k of the peer's measurement (design: speed).
EMPLOYER = """
insert into employer (id, name, dbas, match_key, ownership, employee_count, naics, domain, phone, status, source,
                      created_at, updated_at)
select md5('e' || n)::uuid,
       (array['Harbor','Granite','Liberty','Pioneer','Beacon','Cedar','Summit','Riverside','Copper','Maple','Union',
              'Atlas','Falcon','Keystone','Meridian','Crescent'])[1 + n % 16] || ' ' ||
       (array['Machine','Dental','Foods','Electric','Software','Marine','Printing','Logistics','Optics','Bakery',
              'Builders','Care','Plastics','Textile','Design','Energy','Farms'])[1 + (n / 16) % 17] || ' ' ||
       md5('name' || n)::char(6) || ' ' || (array['Inc','LLC','Corp','Co'])[1 + n % 4],
       case when n % 9 = 0 then array['The ' || md5('dba' || n)::char(8) || ' Shop'] else '{}' end,
       md5('name' || n)::char(6), 'private', 1 + (n * 7919) % 400,
       (array['332710','621210','722511','238210','541511','311811','493110','623312','811111','111219'])[1 + n % 10],
       '', '+1508555' || lpad((n % 10000)::text, 4, '0'), (array['prospect','active','active','inactive'])[1 + n % 4],
       'bench', now() - make_interval(hours => n % 20000), now() - make_interval(mins => n)
  from generate_series(1, $1::int) n
"""
ESTABLISHMENT = """
insert into establishment (employer_id, line1, city, state, zip, is_primary, board_id, address_key)
select md5('e' || (1 + (n - 1) % $2::int))::uuid, n || ' Main Street', t.name, 'MA', lpad((1000 + n % 1700)::text, 5, '0'),
       n <= $2::int, t.board_id, md5('address' || n)
  from generate_series(1, $1::int) n
  join (select name, board_id, row_number() over (order by place_key) as place from territory
         where kind = 'municipality' and valid_to is null) t
    on t.place = 1 + (n * 31) % (select count(*) from territory where kind = 'municipality' and valid_to is null)
"""
CONTACT = """
insert into contact (id, given_name, family_name, email, phone)
select md5('c' || n)::uuid,
       (array['Ana','Marcus','Priya','Daniel','Linh','Grace','Rafael','Nadia','Owen','Mei'])[1 + n % 10],
       initcap(md5('family' || n)::char(7)), 'person' || n || '@example.com', '+1617555' || lpad((n % 10000)::text, 4, '0')
  from generate_series(1, $1::int) n
"""
AFFILIATION = """
insert into affiliation (contact_id, employer_id, role, is_primary)
select md5('c' || n)::uuid, md5('e' || (1 + (n - 1) % $2::int))::uuid, 'HR manager', n <= $2::int
  from generate_series(1, $1::int) n
"""
# A board's own pipeline does not grow with the state's directory beyond what its staff can work: a quarter.
ENGAGEMENT = """
insert into engagement (id, employer_id, board_id, pipeline_id, stage_id, stage_since, next_step, slots)
select md5('g' || e.id)::uuid, e.id, e.board_id, s.pipeline_id, s.id,
       now() - make_interval(mins => (row_number() over (order by e.id))::int), 'Call about dates', 2
  from employer e
  join lateral (select s.* from stage s join pipeline p on p.id = s.pipeline_id and p.board_id is null
                 order by s.position offset abs(hashtext(e.id::text)) % 12 limit 1) s on true
 where e.board_id is not null and abs(hashtext(e.id::text || 'x')) % 4 = 0
"""
ACTIVITY = """
insert into activity (employer_id, board_id, kind, summary, at)
select md5('e' || (1 + (n - 1) % $2::int))::uuid, (select array_agg(id order by code) from board)[1 + n % 16],
       (array['call','email','visit','note'])[1 + n % 4], 'Talked about the spring placements',
       now() - make_interval(mins => n % 500000)
  from generate_series(1, $1::int) n
"""


TABLES = ("employer", "establishment", "contact", "affiliation", "engagement", "activity")
INDEXES = """
select c.relname as name, pg_get_indexdef(i.indexrelid) as made_by from pg_index i join pg_class c on c.oid = i.indexrelid
 where i.indrelid = any($1::regclass[]) and not i.indisunique
"""


async def seed(superuser: str, establishments: int) -> None:
    """The database must have its boards and territories. Foreign keys are not checked: what is made here fits."""
    connection = await asyncpg.connect(superuser)
    employers = establishments * 4 // 5
    await connection.execute("set session_replication_role = replica; set synchronous_commit = off; set work_mem = '256MB'; "
                             "set maintenance_work_mem = '512MB'")  # fmt: skip
    indexes = await connection.fetch(INDEXES, TABLES)
    for index in indexes:
        await connection.execute(f"drop index {index['name']}")
    await connection.execute(EMPLOYER, employers)
    await connection.execute(ESTABLISHMENT, establishments, employers)
    await connection.execute("create index seeding on establishment (employer_id); analyze establishment")
    await connection.execute("select refresh_employers(array(select id from employer))")
    await connection.execute("drop index seeding")
    await connection.execute(CONTACT, employers * 12 // 5)
    await connection.execute(AFFILIATION, employers * 12 // 5, employers)
    await connection.execute(ENGAGEMENT)
    await connection.execute(ACTIVITY, employers * 10, employers)
    for index in indexes:
        await connection.execute(index["made_by"])
    # what autovacuum has done on a server that was not filled a moment ago
    await connection.execute("vacuum (analyze)")
    await connection.close()


async def counted() -> dict[str, int]:
    """Rows by table."""
    async with transaction(read_only=True):
        return {table: await fetch_value(f"select count(*) from {table}") for table in TABLES}
