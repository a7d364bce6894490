"""Look through the whole directory for rows that may be one employer: in parts, going on where it was cut off."""

from typing import Any
from uuid import UUID

from crm.access import Actor, Permission, require
from crm.actions import acting
from crm.database import execute, fetch, fetch_value
from crm.employers.matching.keying import make_keys
from crm.employers.matching.pairing import pair
from crm.translation import _, lazy_
from crm.worded import worded
from crm.work import Job, RunningJob

PART = 500


async def ask_for_one(actor: Actor) -> str:
    """Have the directory looked through in the background; where its progress is."""
    require(actor, Permission.EDIT_EMPLOYERS)
    async with acting(actor, "duplicates.asked") as act:
        job_id = await act.enqueue("employers.sweep", {}, title=worded(lazy_("Look for duplicates")), key="employers.sweep")
        act.record("job", job_id)
    return f"/jobs/{job_id}"


async def sweep(job: RunningJob) -> dict[str, Any]:
    """The whole directory, from where the last one was cut off."""
    await make_keys(job)
    total, done, found = await _count(job), 0, 0
    while True:
        async with job.acting("duplicates.swept") as act:
            after = await fetch_value("select after_id from duplicate_sweep for update")
            part = await fetch(
                "select id from employer where archived_at is null and ($1::uuid is null or id > $1) order by id limit $2", after, PART
            )
            made = await pair([row["id"] for row in part]) if part else 0
            await execute("update duplicate_sweep set after_id = $1", part[-1]["id"] if len(part) == PART else None)
            if made:
                act.record("duplicate_pair", None, after={"found": made})
            else:
                act.unchanged()
        done, found = done + len(part), found + made
        if len(part) < PART:
            return {"found": found, "url": "/duplicates"}
        await job.progress(done, total, _("Comparing"))


async def _count(job: RunningJob) -> int:
    async with job.acting("duplicates.counted") as act:
        act.unchanged()
        return int(await fetch_value("select count(*) from employer where archived_at is null"))


async def look_at_imported(job: RunningJob, *, import_id: str) -> dict[str, Any]:
    """Whom those may be that an import brought."""
    async with job.acting("duplicates.swept") as act:
        new = await fetch("select distinct employer_id from import_row where import_id = $1 and outcome = 'created'", UUID(import_id))
        made = await pair(row["employer_id"] for row in new)
        if made:
            act.record("import", UUID(import_id), after={"duplicates": made})
        else:
            act.unchanged()
    return {"found": made, "url": "/duplicates"}


JOBS = [
    Job("employers.sweep", sweep, attempts=5, timeout=3600),
    Job("employers.look_at_imported", look_at_imported, attempts=5, timeout=1800),
]
