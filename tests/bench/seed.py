"""Fill a migrated database with many employers, quickly: SQL alone, the same each time."""

from crm.database import execute, fetch_value, transaction

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
select md5('e' || (1 + (n - 1) % $2::int))::uuid,
       (select id from board order by code offset n % 16 limit 1),
       (array['call','email','visit','note'])[1 + n % 4], 'Talked about the spring placements',
       now() - make_interval(mins => n % 500000)
  from generate_series(1, $1::int) n
"""


async def seed(establishments: int) -> dict[str, int]:
    """Rows by table. The database must have its boards and territories."""
    employers = establishments * 4 // 5
    async with transaction():
        await execute("set local statement_timeout = 0")
        await execute("set local work_mem = '256MB'")
        await execute(EMPLOYER, employers)
        await execute(ESTABLISHMENT, establishments, employers)
        await execute("select refresh_employers(array(select id from employer))")
        await execute(CONTACT, employers * 12 // 5)
        await execute(AFFILIATION, employers * 12 // 5, employers)
        await execute(ENGAGEMENT)
        await execute(ACTIVITY, employers * 10, employers)
    async with transaction():
        await execute("set local statement_timeout = 0")
        await execute("analyze")
        tables = ("employer", "establishment", "contact", "engagement", "activity")
        return {table: await fetch_value(f"select count(*) from {table}") for table in tables}
