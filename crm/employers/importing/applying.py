"""Write a checked import, all or nothing: employers, worksites, people, the record, in one transaction."""

from collections.abc import Sequence
from uuid import UUID

from crm import sealing
from crm.access import Actor
from crm.actions import Act
from crm.boards.assigning import AREA
from crm.contacts.present import works
from crm.database import copy_into, execute, fetch
from crm.days import agency_today
from crm.employers.fein import fein_hash, seal_fein
from crm.employers.importing import known
from crm.employers.importing.known import ELSEWHERE
from crm.employers.importing.matching import count_again
from crm.fields import importing
from crm.sql import Sql

# what is to come stands beside first, with its ids and boards, so that each row of the directory is written once
_COMING = """
drop table if exists pg_temp.import_site, pg_temp.import_person;
create temporary table import_site (row_number integer, id uuid, employer_id uuid, name text, line1 text, line2 text, city text, state text, zip text,
    county text, address_key text, is_primary boolean, board_id uuid, board_territory_id uuid) on commit drop;
create temporary table import_person (row_number integer, id uuid, known boolean, facts jsonb) on commit drop
"""
_SITES_TO_COME = f"""
insert into import_site
select x.*, t.board_id, t.id
  from (select r.row_number, gen_random_uuid() as id, r.employer_id, coalesce(r.facts ->> 'site_name', '') as name, coalesce(r.facts ->> 'line1', '') as line1,
               coalesce(r.facts ->> 'line2', '') as line2, coalesce(r.facts ->> 'city', '') as city, coalesce(r.facts ->> 'state', '') as state,
               coalesce(r.facts ->> 'zip', '') as zip, '' as county, r.address_key,
               row_number() over (partition by r.employer_id order by r.row_number) = 1 and not exists (
                   select from establishment p where p.employer_id = r.employer_id and p.is_primary and p.archived_at is null) as is_primary
          from import_row r where r.import_id = $2 and r.after ? 'new_site') x
  left join lateral ({AREA}) t on true
"""
_PEOPLE_TO_COME = f"""
insert into import_person
select r.row_number, coalesce(k.id, gen_random_uuid()), k.id is not null, r.facts
  from import_row r left join lateral ({ELSEWHERE}) k on r.facts ? 'email'
 where r.import_id = $1 and r.after ? 'new_person'
"""
_EMPLOYERS = """
insert into employer (id, name, dbas, former_names, match_key, other_keys, keyed, ownership, employee_count, naics, website, domain, phone, note, source,
                      fein_hash, fein_last4, fein_sealed, created_by, city, state, zip, board_id, establishment_count)
select r.employer_id, r.name, r.dbas, r.former_names, r.match_key, r.other_keys, true, coalesce(r.after ->> 'ownership', ''), (r.after ->> 'employee_count')::int,
       coalesce(r.after ->> 'naics', ''), coalesce(r.after ->> 'website', ''), coalesce(r.after ->> 'domain', ''),
       coalesce(r.after ->> 'phone', ''), coalesce(r.after ->> 'note', ''), 'import:' || r.import_id, v.hash,
       coalesce(r.after ->> 'fein_last4', ''), v.sealed, $2, coalesce(s.city, ''), coalesce(s.state, ''), coalesce(s.zip, ''), s.board_id, coalesce(n.total, 0)
  from import_row r
  left join import_sealed v on v.employer_id = r.employer_id
  left join import_site s on s.employer_id = r.employer_id and s.is_primary
  left join (select employer_id, count(*) as total from import_site group by employer_id) n on n.employer_id = r.employer_id
 where r.import_id = $1 and r.outcome = 'created'
"""
_SITES = """
insert into establishment (id, employer_id, name, line1, line2, city, state, zip, address_key, is_primary, board_id, board_territory_id)
select id, employer_id, name, line1, line2, city, state, zip, address_key, is_primary, board_id, board_territory_id from import_site
"""
_PEOPLE = """
insert into contact (id, given_name, family_name, email, phone)
select id, coalesce(facts ->> 'given_name', ''), coalesce(facts ->> 'family_name', ''), coalesce(facts ->> 'email', ''), coalesce(facts ->> 'contact_phone', '')
  from import_person where not known
"""
_BROUGHT = """
update import_row r set establishment_id = coalesce(s.id, r.establishment_id), contact_id = coalesce(p.id, r.contact_id)
  from import_site s full join import_person p using (row_number)
 where r.import_id = $1 and r.row_number = coalesce(s.row_number, p.row_number)
"""
# at the worksite of their row, also where another row brought it
_AFFILIATIONS = """
insert into affiliation (contact_id, employer_id, establishment_id, role, is_primary)
select r.contact_id, r.employer_id, coalesce(r.establishment_id, s.establishment_id), coalesce(r.facts ->> 'contact_role', ''),
       f.employer_id is null and row_number() over (partition by r.employer_id order by r.row_number) = 1
  from import_row r
  left join import_row s on s.import_id = r.import_id and s.employer_id = r.employer_id and s.address_key = r.address_key and s.address_key <> ''
   and s.place_key = r.place_key and s.establishment_id is not null and r.establishment_id is null
  left join (select distinct f.employer_id from affiliation f where f.is_primary and {}) f on f.employer_id = r.employer_id
 where r.import_id = {} and r.contact_id is not null
"""
_UPDATES = """
update employer e
   set ownership = coalesce(r.after ->> 'ownership', e.ownership),
       employee_count = coalesce((r.after ->> 'employee_count')::int, e.employee_count),
       naics = coalesce(r.after ->> 'naics', e.naics), website = coalesce(r.after ->> 'website', e.website),
       domain = coalesce(r.after ->> 'domain', e.domain), phone = coalesce(r.after ->> 'phone', e.phone),
       note = coalesce(r.after ->> 'note', e.note),
       fein_hash = case when r.after ? 'new_fein' then v.hash else e.fein_hash end,
       fein_last4 = case when r.after ? 'new_fein' then r.facts ->> 'fein_last4' else e.fein_last4 end,
       fein_sealed = case when r.after ? 'new_fein' then v.sealed else e.fein_sealed end,
       updated_at = now(), version = e.version + 1
  from import_row r left join import_sealed v on v.employer_id = r.employer_id
 where r.import_id = $1 and r.outcome = 'updated' and e.id = r.employer_id
"""
_RECORD = """
insert into audit_entry (actor_kind, actor_id, actor_name, verb, subject_kind, subject_id, employer_id, board_id, before, after)
select $2, $3, $4, 'employer.' || case r.outcome when 'created' then 'imported' else 'import_updated' end, 'employer',
       r.employer_id, r.employer_id, $5, r.before - $6::text[], (r.after - 'note') - $6::text[] || jsonb_build_object('import', r.import_id)
  from import_row r where r.import_id = $1 and (r.outcome in ('created', 'updated') or (r.outcome = 'merged' and r.after ?| array['new_site', 'new_person']))
"""


async def write(act: Act, import_id: UUID, board_id: UUID | None, untold: Sequence[str] = ()) -> None:
    """Write what `match` found, inside the open action; `untold` are the fields of which the record keeps nothing."""
    actor: Actor = act.actor
    await _seal_feins(import_id)
    await execute(_COMING)
    await execute(_SITES_TO_COME, agency_today(), import_id)
    await execute(_PEOPLE_TO_COME, import_id)
    await execute("analyze import_site, import_person")
    await execute(_EMPLOYERS, import_id, actor.account_id)
    await count_again(import_id, "employer")
    await execute(_SITES)
    await count_again(import_id, "establishment")
    await execute(_PEOPLE)
    await execute(_BROUGHT, import_id)
    await count_again(import_id, "contact", "affiliation")
    await execute(Sql(_AFFILIATIONS, works("f"), import_id))
    await execute(_UPDATES, import_id)
    await known.touch(act, import_id, board_id, untold)
    await importing.write(import_id, actor.account_id)
    # those that the import made are as they should be
    await execute("select refresh_employers(array(select distinct employer_id from import_row where import_id = $1 and outcome = 'updated'))", import_id)
    await execute(_RECORD, import_id, actor.kind, actor.account_id, actor.name, board_id, [*untold, "known_site", "known_person"])


async def _seal_feins(import_id: UUID) -> None:
    """Seal each FEIN anew for its employer, beside: a sealed value opens in its own row alone."""
    rows = await fetch(
        "select employer_id, fein_sealed from import_row where import_id = $1 "
        "and fein_sealed is not null and (outcome = 'created' or after ? 'new_fein')",
        import_id,
    )
    values = []
    for row in rows:
        digits = sealing.open_sealed(row["fein_sealed"], "import_row", "fein", import_id)
        values.append((row["employer_id"], seal_fein(digits, row["employer_id"]), fein_hash(digits)))
    await execute("create temporary table import_sealed (employer_id uuid primary key, sealed bytea, hash bytea) on commit drop")
    await copy_into("import_sealed", ("employer_id", "sealed", "hash"), values)
    await execute("analyze import_sealed")
