"""Take an import back: what it made goes, what it changed is as before, where no one touched it since."""

from uuid import UUID

from crm.actions import Act
from crm.database import execute, fetch_value
from crm.fields import importing

# touched: someone did something with the employer after the import, or something hangs on it that the import did not make
_TOUCHED = """
create temporary table import_touched on commit drop as
with written as materialized (
    select distinct employer_id, outcome from import_row where import_id = '{id}' and outcome in ('created', 'updated')
), made as materialized (select employer_id from written where outcome = 'created')
select employer_id from written join audit_entry a using (employer_id)
 where a.id > {last}
   -- a later import that was taken back itself left nothing
   and not exists (select from import_batch b where b.state = 'reverted' and b.id::text = a.after ->> 'import')
union select employer_id from made join engagement using (employer_id)
union select employer_id from made join activity using (employer_id)
union select employer_id from made join task using (employer_id)
union select employer_id from made join estimate using (employer_id)
union select employer_id from made join role_grant using (employer_id)
union select employer_id from made join stored_file using (employer_id)
"""
_UNTOUCHED = "r.import_id = $1 and not exists (select from import_touched t where t.employer_id = r.employer_id)"
_AFFILIATIONS = f"""
delete from affiliation f using import_row r
 where {_UNTOUCHED} and f.contact_id = r.contact_id and f.employer_id = r.employer_id
"""
_PEOPLE = f"""
delete from contact c using import_row r
 where {_UNTOUCHED} and c.id = r.contact_id and not exists (select from affiliation f where f.contact_id = c.id)
"""
_SITES = f"""
delete from establishment s using import_row r where {_UNTOUCHED} and s.id = r.establishment_id
"""
_EMPLOYERS = f"""
delete from employer e using import_row r where {_UNTOUCHED} and e.id = r.employer_id and r.outcome = 'created'
"""
_RESTORE = f"""
update employer e
   set ownership = coalesce(r.before ->> 'ownership', e.ownership),
       employee_count = case when r.before ? 'employee_count' then (r.before ->> 'employee_count')::int else e.employee_count end,
       naics = coalesce(r.before ->> 'naics', e.naics), website = coalesce(r.before ->> 'website', e.website),
       domain = coalesce(r.before ->> 'domain', e.domain), phone = coalesce(r.before ->> 'phone', e.phone),
       note = coalesce(r.before ->> 'note', e.note),
       fein_sealed = case when r.after ? 'new_fein' then null else e.fein_sealed end,
       fein_hash = case when r.after ? 'new_fein' then null else e.fein_hash end,
       fein_last4 = case when r.after ? 'new_fein' then '' else e.fein_last4 end,
       updated_at = now(), version = e.version + 1
  from import_row r
 where {_UNTOUCHED} and r.outcome = 'updated' and e.id = r.employer_id
"""


async def take_back(act: Act, import_id: UUID) -> dict[str, int]:
    """Undo inside the open action; how many were removed, restored and kept because they were touched."""
    await execute("set local statement_timeout = 0")
    last = await fetch_value(
        "select coalesce(max(id), 0) from audit_entry where subject_kind = 'import' and subject_id = $1 "
        "and verb = 'import.written'",
        import_id,
    )
    await execute("drop table if exists pg_temp.import_touched")
    await execute(_TOUCHED.format(id=import_id, last=int(last)))
    kept = await fetch_value("select count(*) from import_touched")
    restored = await execute(_RESTORE, import_id)
    await importing.take_back(import_id, act.actor.account_id)
    await execute(_AFFILIATIONS, import_id)
    await importing.forget_made(import_id)
    await execute(_PEOPLE, import_id)
    await execute(_SITES, import_id)
    removed = await execute(_EMPLOYERS, import_id)
    await execute(
        "select refresh_employers(array(select distinct employer_id from import_row r where r.import_id = $1 "
        "and r.outcome = 'updated'))",
        import_id,
    )
    return {"removed": removed, "restored": restored, "kept": kept}
