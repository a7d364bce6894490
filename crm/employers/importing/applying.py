"""Write a checked import, all or nothing: employers, worksites, people, the record, in one transaction."""

from collections.abc import Sequence
from uuid import UUID

from crm import sealing
from crm.access import Actor
from crm.actions import Act
from crm.boards import assigning
from crm.contacts.present import works
from crm.database import copy_into, execute, fetch
from crm.employers.fein import fein_hash, seal_fein
from crm.employers.importing import known
from crm.employers.importing.known import ELSEWHERE
from crm.employers.importing.matching import count_again
from crm.fields import importing
from crm.sql import Sql

_EMPLOYERS = """
insert into employer (id, name, dbas, former_names, match_key, other_keys, keyed, ownership, employee_count, naics, website, domain, phone, note, source,
                      fein_hash, fein_last4, fein_sealed, created_by)
select r.employer_id, r.name, r.dbas, r.former_names, r.match_key, r.other_keys, true, coalesce(r.after ->> 'ownership', ''), (r.after ->> 'employee_count')::int,
       coalesce(r.after ->> 'naics', ''), coalesce(r.after ->> 'website', ''), coalesce(r.after ->> 'domain', ''),
       coalesce(r.after ->> 'phone', ''), coalesce(r.after ->> 'note', ''), 'import:' || r.import_id, v.hash,
       coalesce(r.after ->> 'fein_last4', ''), v.sealed, $2
  from import_row r left join import_sealed v on v.employer_id = r.employer_id
 where r.import_id = $1 and r.outcome = 'created'
"""
_SITES = """
with wanted as materialized (
    select r.row_number, gen_random_uuid() as id, r.employer_id, r.facts, r.address_key,
           p.employer_id is null and row_number() over (partition by r.employer_id order by r.row_number) = 1 as is_primary
      from import_row r
      -- joined, not looked up: a look-up for each row would walk over all rows that this statement adds
      left join (select distinct employer_id from establishment where is_primary and archived_at is null) p
        on p.employer_id = r.employer_id
     where r.import_id = $1 and r.after ? 'new_site'
), made as (
    insert into establishment (id, employer_id, name, line1, line2, city, state, zip, address_key, is_primary)
    select id, employer_id, coalesce(facts ->> 'site_name', ''), coalesce(facts ->> 'line1', ''), coalesce(facts ->> 'line2', ''),
           coalesce(facts ->> 'city', ''), coalesce(facts ->> 'state', ''), coalesce(facts ->> 'zip', ''), address_key, is_primary from wanted
)
update import_row r set establishment_id = w.id from wanted w where r.import_id = $1 and r.row_number = w.row_number
"""
_PEOPLE = f"""
with wanted as (
    select r.row_number, coalesce(k.id, gen_random_uuid()) as contact_id, k.id is not null as known, r.facts
      from import_row r
      left join lateral ({ELSEWHERE}) k on r.facts ? 'email'
     where r.import_id = $1 and r.after ? 'new_person'
), made as (
    insert into contact (id, given_name, family_name, email, phone)
    select contact_id, coalesce(facts ->> 'given_name', ''), coalesce(facts ->> 'family_name', ''),
           coalesce(facts ->> 'email', ''), coalesce(facts ->> 'contact_phone', '') from wanted where not known
)
update import_row r set contact_id = w.contact_id from wanted w where r.import_id = $1 and r.row_number = w.row_number
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
    await execute(_EMPLOYERS, import_id, actor.account_id)
    await count_again(import_id, "employer")
    await execute(_SITES, import_id)
    await count_again(import_id, "establishment")
    await execute(_PEOPLE, import_id)
    await count_again(import_id, "contact", "affiliation")
    await execute(Sql(_AFFILIATIONS, works("f"), import_id))
    await execute(_UPDATES, import_id)
    await known.touch(act, import_id, board_id, untold)
    await importing.write(import_id, actor.account_id)
    touched = [row["employer_id"] for row in await fetch(
        "select distinct employer_id from import_row where import_id = $1 and outcome in ('created', 'updated')", import_id)]  # fmt: skip
    sites = [row["establishment_id"] for row in await fetch(
        "select establishment_id from import_row where import_id = $1 and establishment_id is not null", import_id)]  # fmt: skip
    await assigning.assign_boards(sites)
    await execute("select refresh_employers($1)", touched)
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
