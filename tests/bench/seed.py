"""Fill a migrated database with many employers, quickly: SQL alone, the same each time."""

import asyncpg
from msgspec import Struct

from crm.database import fetch_value, transaction


class Size(Struct, frozen=True):
    """How many rows of each. A fifth of the establishments are an employer's second, unless `employers` says otherwise."""

    establishments: int
    employers: int
    contacts: int
    activities: int

    @property
    def folder(self) -> str:
        return f"{self.establishments}-{self.contacts}-{self.activities}"


def size_of(establishments: int) -> Size:
    """A state's directory: 400,000 contacts and 5 million activities for 250,000 establishments."""
    return Size(establishments, establishments * 4 // 5, establishments * 8 // 5, establishments * 20)


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
# Five people a board, however large the state: what one person can look after does not grow with it.
ACCOUNT = """
insert into account (id, email, name, kind)
select md5('a' || b.code || n)::uuid, 'staff' || n || '@' || b.code || '.example.org', 'Staff ' || n || ' of ' || b.name, 'staff'
  from board b, generate_series(0, 4) n
"""
GRANT = """
insert into role_grant (account_id, role, board_id)
select md5('a' || b.code || n)::uuid, 'board_staff', b.id from board b, generate_series(0, 4) n
"""
# A board's own pipeline does not grow with the state's directory beyond what its staff can work: a quarter.
# Each of its people looks after sixty at most, and has written down what comes next for two of three.
ENGAGEMENT = """
insert into engagement (id, employer_id, board_id, pipeline_id, stage_id, stage_since, next_step, next_step_due, owner_id, slots)
select md5('g' || e.id)::uuid, e.id, e.board_id, s.pipeline_id, s.id, now() - make_interval(mins => e.place::int),
       case when e.of_board % 3 < 2 then 'Call about dates' else '' end,
       case when e.of_board % 3 < 2 then current_date + (e.of_board % 40)::int - 10 end,
       case when e.of_board <= 300 then md5('a' || b.code || e.of_board % 5)::uuid end, 2
  from (select id, board_id, row_number() over (order by id) as place, row_number() over (partition by board_id order by id) as of_board
          from employer where board_id is not null and abs(hashtext(id::text || 'x')) % 4 = 0) e
  join board b on b.id = e.board_id
  join lateral (select s.* from stage s join pipeline p on p.id = s.pipeline_id and p.board_id is null and p.code = 'recruit'
                 order by s.position offset abs(hashtext(e.id::text)) % 12 limit 1) s on true
"""
# Forty tasks wait for each person; behind them lies one that is done for each employer.
TASK = """
insert into task (board_id, employer_id, title, due, assignee_id, done_at)
select b.id, md5('e' || n)::uuid, 'Ask for the signed agreement', current_date + (n / 80) % 40 - 10, md5('a' || b.code || n / 16 % 5)::uuid,
       case when n > 16 * 5 * 40 then now() - make_interval(mins => n) end
  from generate_series(1, $1::int) n join (select id, code, row_number() over (order by code) - 1 as place from board) b
    on b.place = n % (select count(*) from board)
"""
# In the order of their days, three years of them. Every tenth falls to one employer of a hundred; three of four are
# of the employer's own board. Numbered ids keep the index quick to build.
NUMBERED = """
create temporary table numbered as
select n as number, e.id, md5('c' || n)::uuid as contact_id, b.id as board_id, b.code
  from generate_series(1, $1::int) n join employer e on e.id = md5('e' || n)::uuid
  join board b on b.id = coalesce(e.board_id, (select id from board order by code limit 1))
"""
ACTIVITY = """
insert into activity (id, employer_id, board_id, contact_id, kind, direction, summary, at, created_at, logged_by)
select lpad(to_hex(n), 32, '0')::uuid, e.id, case when n % 4 = 0 then b.id else e.board_id end, e.contact_id,
       (array['call','email','visit','note','meeting'])[1 + n % 5], (array['out','in',''])[1 + n % 3],
       'Talked about the spring placements', now() - ($1 - n) * interval '3 years' / $1, now(),
       md5('a' || case when n % 4 = 0 then b.code else e.code end || n % 5)::uuid
  from generate_series(1::bigint, $1::bigint) n
  join numbered e on e.number = case when n % 10 = 0 then 1 + (n / 10) % greatest($2::int / 100, 1) else 1 + (hashint8(n) & 2147483647) % $2::int end
  join (select id, code, row_number() over (order by code) - 1 as place from board) b on b.place = n / 4 % (select count(*) from board)
"""


TABLES = ("employer", "establishment", "contact", "affiliation", "engagement", "task", "activity")
INDEXES = """
select c.relname as name, pg_get_indexdef(i.indexrelid) as made_by from pg_index i join pg_class c on c.oid = i.indexrelid
 where i.indrelid = any($1::regclass[]) and not i.indisunique
"""


async def seed(superuser: str, size: Size) -> None:
    """The database must have its boards and territories. Foreign keys are not checked: what is made here fits."""
    connection = await asyncpg.connect(superuser)
    await connection.execute("set session_replication_role = replica; set synchronous_commit = off; set work_mem = '256MB'; "
                             "set maintenance_work_mem = '512MB'")  # fmt: skip
    indexes = await connection.fetch(INDEXES, TABLES)
    for index in indexes:
        await connection.execute(f"drop index {index['name']}")
    await connection.execute(EMPLOYER, size.employers)
    await connection.execute(ESTABLISHMENT, size.establishments, size.employers)
    await connection.execute("create index seeding on establishment (employer_id); analyze establishment")
    await connection.execute("select refresh_employers(array(select id from employer))")
    await connection.execute("drop index seeding")
    await connection.execute(CONTACT, size.contacts)
    await connection.execute(AFFILIATION, size.contacts, size.employers)
    await connection.execute(ACCOUNT)
    await connection.execute(GRANT)
    await connection.execute(ENGAGEMENT)
    await connection.execute(TASK, size.employers)
    await connection.execute(NUMBERED, size.employers)
    await connection.execute("analyze numbered")
    await connection.execute(ACTIVITY, size.activities, size.employers)
    for index in indexes:
        await connection.execute(index["made_by"])
    # what autovacuum has done on a server that was not filled a moment ago
    await connection.execute("vacuum (analyze)")
    await connection.close()


async def counted() -> dict[str, int]:
    """Rows by table."""
    async with transaction(read_only=True):
        return {table: await fetch_value(f"select count(*) from {table}") for table in TABLES}
