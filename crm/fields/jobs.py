"""Values that were kept as long as their field says go, each night; also out of what imports staged."""

from typing import Any

from crm.database import fetch
from crm.fields.importing import NAME
from crm.work import Job, RunningJob

BATCH = 1000
# retired fields and those of plugins that are off too: what was promised holds
_SPENT = """
delete from custom_value where id in (
    select v.id from custom_value v join custom_field d on d.id = v.field_id
     where d.keep_months is not null and v.changed_at < now() - make_interval(months => d.keep_months)
     order by v.id limit $1 for update of v skip locked)
returning field_id, employer_id, establishment_id, contact_id
"""

# An import keeps its rows, so that it can be taken back; of a field whose time since the import is over it then brings nothing back.
_STAGED = f"""
update import_row r set facts = r.facts - w.names, before = r.before - w.names, after = r.after - w.names
  from (select b.id, array_agg({NAME}) as names from import_batch b
          join custom_field d on b.created_at < now() - make_interval(months => d.keep_months)
         where exists (select from jsonb_each_text(b.mapping) m where m.value = {NAME}) group by b.id) w
 where r.import_id = w.id and (r.facts ?| w.names or r.before ?| w.names or r.after ?| w.names)
returning r.import_id
"""


async def forget(job: RunningJob) -> dict[str, Any]:
    """In parts, each an action of its own; run again after it died, it goes on with what is left. The record keeps that, not what."""
    async with job.acting("import.values_expired") as act:
        staged = await fetch(_STAGED)
        for import_id in {row["import_id"] for row in staged}:
            act.record("import", import_id, after={"rows": sum(row["import_id"] == import_id for row in staged)})
        if not staged:
            act.unchanged()
    total = 0
    while True:
        async with job.acting("field.value_expired") as act:
            gone = await fetch(_SPENT, BATCH)
            names = {row["id"]: row["key"] for row in await fetch("select id, key from custom_field where id = any($1)", [row["field_id"] for row in gone])}
            for row in gone:
                subject = next(name for name in ("employer", "establishment", "contact") if row[f"{name}_id"])
                act.record(subject, row[f"{subject}_id"], employer_id=row["employer_id"], after={f"x_{names[row['field_id']]}": None})
            if not gone:
                act.unchanged()
        total += len(gone)
        await job.progress(total, None, "")
        if len(gone) < BATCH:
            return {"gone": total}


JOBS = [Job("fields.forget", forget, attempts=4, timeout=1800)]
