"""Match staged rows with the directory and with each other, set-wise, and say what each row would change.

Two rows of a file are one employer when they share a FEIN, or the name key in the same town and state (ZIP code, where
no town is named). A row is an employer of the directory when it shares the FEIN, or the name key in a town or ZIP code
where that employer has a worksite, or the name key and the website. A row that names no town is also the employer of
that name that has no worksite. A door alone never matches: many firms share one.
"""

from collections.abc import Sequence
from uuid import UUID

from crm.database import execute, fetch, fetch_value
from crm.employers.importing import bringing, known, likeness
from crm.fields.definitions import Defined
from crm.fields.importing import name_of

# employer columns that a row may bring, with how their emptiness looks
FIELDS = ("ownership", "employee_count", "naics", "website", "domain", "phone", "note")
_IDENTITY = """coalesce(encode(r.fein_hash, 'hex'), r.match_key || '@' || r.state || '@' || coalesce(nullif(r.place_key, ''), r.zip))"""

_RESET = """
update import_row set outcome = null, reason = '', employer_id = null, establishment_id = null, before = null, after = null
 where import_id = $1 and outcome <> 'rejected'
"""
# the first row of each employer leads; the others hang on it by its row number
_LEADERS = f"""
create temporary table import_leader on commit drop as
select r.row_number, first_value(r.row_number) over (partition by {_IDENTITY} order by r.row_number) as leader,
       count(*) over (partition by {_IDENTITY}) as rows
  from import_row r where r.import_id = $1 and r.outcome is null
"""
_MATCH = """
update import_row r
   set employer_id = m.id
  from import_leader l
  join import_row x on x.import_id = $1 and x.row_number = l.row_number
 cross join lateral (
    select e.id from (
        select e.id, e.created_at, 1 as rank from employer e
         where e.fein_hash = any(array_prepend(x.fein_hash, x.fein_hashes_earlier)) and e.archived_at is null
        union all
        select e.id, e.created_at, 2 from employer e join establishment s on s.employer_id = e.id and s.archived_at is null
         where e.match_key = x.match_key and e.archived_at is null and s.state = x.state
           and (fold(s.city) = x.place_key or (x.zip <> '' and left(s.zip, 5) = x.zip))
           and (e.fein_hash is null or x.fein_hash is null or e.fein_hash = any(array_prepend(x.fein_hash, x.fein_hashes_earlier)))
        union all
        select e.id, e.created_at, 3 from employer e
         where e.match_key = x.match_key and x.domain <> '' and e.domain = x.domain and e.archived_at is null
        union all
        select e.id, e.created_at, 4 from employer e
         where e.match_key = x.match_key and x.place_key = '' and e.archived_at is null
           and (e.fein_hash is null or x.fein_hash is null or e.fein_hash = any(array_prepend(x.fein_hash, x.fein_hashes_earlier)))
           and not exists (select from establishment s where s.employer_id = e.id)
    ) e order by e.rank, e.created_at, e.id limit 1) m
 where r.import_id = $1 and r.row_number = l.row_number and l.leader = l.row_number
"""
# Of an employer whose FEIN is not known, the first row that names one says it; a row that names another is another employer.
_APART = """
update import_row r set employer_id = null
  from (select x.row_number, x.fein_hash, first_value(x.fein_hash) over (partition by x.employer_id order by x.row_number) as said
          from import_row x join import_leader l on l.row_number = x.row_number and l.leader = x.row_number
          join employer e on e.id = x.employer_id and e.fein_hash is null
         where x.import_id = $1 and x.fein_hash is not null) f
 where r.import_id = $1 and r.row_number = f.row_number and f.fein_hash <> f.said
"""
# rows that met in one employer of the directory by different ways follow one: that which names the FEIN, else the first
_TOGETHER_AFTER_ALL = """
with met as (
    select x.row_number, first_value(x.row_number) over (partition by x.employer_id order by x.fein_hash is null, x.row_number) as leader,
           count(*) over (partition by x.employer_id) as leaders
      from import_row x join import_leader l on l.row_number = x.row_number and l.leader = x.row_number
     where x.import_id = $1 and x.employer_id is not null
)
update import_leader l set leader = m.leader, rows = l.rows + m.leaders - 1 from met m where m.row_number = l.leader and m.leaders > 1
"""
# what the rows of one employer bring together: for each field the first row that has it
_TOGETHER = """
create temporary table import_together on commit drop as
select leader, coalesce(jsonb_object_agg(key, value) filter (where key is not null), '{}') as facts
  from (select distinct on (l.leader, f.key) l.leader, f.key, f.value
          from import_leader l
          join import_row r on r.import_id = $1 and r.row_number = l.row_number
           left join lateral jsonb_each(r.facts) f on true
         order by l.leader, f.key, l.row_number) first
 group by leader
"""
_DIFFERENCE = """
with now as (
    select r.row_number, e.id, to_jsonb(e) || coalesce((
               select jsonb_object_agg('x_' || d.key, v.value) from custom_value v join custom_field d on d.id = v.field_id
                where v.employer_id = e.id and v.aside_at is null and v.value is not null), '{}') as fields, t.facts,
           r.fein_hash is not null and e.fein_hash is null as new_fein
      from import_row r
      join import_leader l on l.row_number = r.row_number and l.leader = l.row_number
      join import_together t on t.leader = l.leader
      join employer e on e.id = r.employer_id
     where r.import_id = $1
), changes as (
    select n.row_number,
           coalesce(jsonb_object_agg(f.key, f.value) filter (where f.key is not null), '{}') as after,
           coalesce(jsonb_object_agg(f.key, n.fields -> f.key) filter (where f.key is not null), '{}') as before,
           bool_or(n.new_fein) as new_fein
      from now n
      left join lateral (
           select f.key, f.value from jsonb_each(n.facts) f
            where f.key = any($2) and case $3
                  when 'overwrite' then n.fields -> f.key is distinct from f.value
                  when 'fill' then coalesce(n.fields ->> f.key, '') = '' and (f.key <> 'domain' or n.fields ->> 'website' = '')
                  else false end) f on true
     group by n.row_number
)
update import_row r
   set before = c.before,
       after = c.after || case when c.new_fein then '{"new_fein": true}'::jsonb else '{}' end,
       outcome = case when c.after = '{}' and not c.new_fein then 'unchanged' else 'updated' end
  from changes c
 where r.import_id = $1 and r.row_number = c.row_number
"""
_NEW = """
update import_row r
   set outcome = 'created', employer_id = gen_random_uuid(), before = '{}',
       after = (t.facts - $2::text[]) || r.facts || case when r.facts ? 'city' then '{"new_site": true}'::jsonb else '{}' end
            || case when r.facts ?| array['given_name', 'email'] then '{"new_person": true}'::jsonb else '{}' end
  from import_together t
 where r.import_id = $1 and r.row_number = t.leader and r.employer_id is null and r.outcome is null
"""
_FOLLOW = """
update import_row r
   set employer_id = x.employer_id, before = coalesce(r.before, '{}'), after = coalesce(r.after, '{}'),
       outcome = case when x.outcome <> 'unchanged' then 'merged' when coalesce(r.after, '{}') = '{}' then 'unchanged' else 'updated' end,
       reason = $2 || x.row_number::text
  from import_leader l
  join import_row x on x.import_id = $1 and x.row_number = l.leader
 where r.import_id = $1 and r.row_number = l.row_number and l.leader <> l.row_number
"""


LARGE = 500  # rows from which new statistics cost less than a plan that was made for the old ones


async def count_again(import_id: UUID, *tables: str) -> None:
    """New statistics for the planner, where the import is large enough to have changed them."""
    large = await fetch_value("select count(*) >= $2 from (select from import_row where import_id = $1 limit $2) r", import_id, LARGE)
    if large:
        await execute("select count_again($1)", list(tables))


async def match(import_id: UUID, *, update: str, same_as: str, added: Sequence[Defined] = ()) -> dict[str, int]:
    """Give every staged row its outcome; the totals. `update` is fill, overwrite or keep; `added`: the added fields that it may bring. Can run again."""
    await execute("set local statement_timeout = 0")
    await execute("drop table if exists pg_temp.import_leader, pg_temp.import_together")
    await execute(_RESET, import_id)
    await count_again(import_id, "import_row", "employer", "establishment", "contact", "affiliation")
    await execute(_LEADERS.replace("$1", f"'{import_id}'"))
    await execute("create index on import_leader (leader)")
    await execute("analyze import_leader")
    await execute(_MATCH, import_id)
    await execute(_APART, import_id)
    await execute(_TOGETHER_AFTER_ALL, import_id)
    await execute(_TOGETHER.replace("$1", f"'{import_id}'"))
    await execute("create unique index on import_together (leader)")
    await execute("analyze import_together")
    await execute(_DIFFERENCE, import_id, [*FIELDS, *(name_of(field) for field in added if field.subject == "employer")], update)
    await execute(_NEW, import_id, [*bringing.THEIRS, *(name_of(field) for field in added if field.subject != "employer")])
    await count_again(import_id, "import_row")
    await bringing.decide(import_id)
    await execute(_FOLLOW, import_id, same_as)
    await known.compare(import_id, added, update)
    await likeness.heed(import_id)
    return await totals(import_id)


async def totals(import_id: UUID) -> dict[str, int]:
    """How many rows ended in each outcome; they add up to the rows. And how many worksites and people come."""
    rows = await fetch(
        "select outcome, count(*) as count, count(*) filter (where after ? 'new_site') as worksites, "
        "count(*) filter (where after ? 'new_person') as people from import_row where import_id = $1 group by outcome",
        import_id,
    )
    found = {row["outcome"]: row["count"] for row in rows}
    named = {name: found.get(name, 0) for name in ("created", "updated", "unchanged", "merged", "rejected")}
    total = sum(found.values())
    if sum(named.values()) != total:
        raise RuntimeError(f"{total - sum(named.values())} staged rows have no outcome")
    return {"rows": total, **named, **{name: sum(row[name] for row in rows) for name in ("worksites", "people")}}
