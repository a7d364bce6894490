"""Imports in the background, with progress."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from crm import files
from crm.access import load
from crm.actions import reading
from crm.employers.importing import actions
from crm.errors import Invalid
from crm.translation import _
from crm.work import Job, RunningJob


@asynccontextmanager
async def _local(job: RunningJob, import_id: str) -> AsyncIterator[Path]:
    """The uploaded file on this machine, for as long as it is read."""
    async with reading(job.actor):
        batch = await load(job.actor, "import_batch", UUID(import_id))
        if batch["file_id"] is None:
            raise Invalid(_("The file of this import is not stored. Choose it again."))
        stored = await load(job.actor, "stored_file", batch["file_id"])
    with tempfile.NamedTemporaryFile(suffix=Path(batch["file_name"]).suffix) as copy:
        async for part in files.stream(stored["storage_key"]):
            copy.write(part)
        copy.flush()
        yield Path(copy.name)


async def check(job: RunningJob, *, import_id: str) -> dict[str, Any]:
    await job.progress(0, None, _("Reading the file"))
    async with _local(job, import_id) as path:
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
