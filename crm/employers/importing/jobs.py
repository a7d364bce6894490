"""Imports in the background, with progress."""

from typing import Any
from uuid import UUID

from crm.access import load
from crm.actions import reading
from crm.employers.importing import actions
from crm.employers.importing.uploads import on_disk, upload_of
from crm.translation import _
from crm.work import Job, RunningJob


async def check(job: RunningJob, *, import_id: str) -> dict[str, Any]:
    await job.progress(0, None, _("Reading the file"))
    async with reading(job.actor):
        batch = await load(job.actor, "import_batch", UUID(import_id))
        stored = await upload_of(job.actor, batch)
    async with on_disk(stored) as path:
        totals = await actions.check(job.actor, UUID(import_id), path, act_as=job.acting)
    return {"totals": totals, "url": f"/imports/{import_id}"}


async def run(job: RunningJob, *, import_id: str) -> dict[str, Any]:
    await job.progress(0, None, _("Writing"))
    totals = await actions.apply(job.actor, UUID(import_id), act_as=job.acting)
    return {"totals": totals, "url": f"/imports/{import_id}"}


async def revert(job: RunningJob, *, import_id: str) -> dict[str, Any]:
    await job.progress(0, None, _("Taking back"))
    undone = await actions.revert(job.actor, UUID(import_id), act_as=job.acting)
    return {"totals": undone, "url": f"/imports/{import_id}"}


JOBS = [
    Job("employers.check_import", check, attempts=4, timeout=1800),
    Job("employers.run_import", run, attempts=4, timeout=1800),
    Job("employers.revert_import", revert, attempts=4, timeout=1800),
]
