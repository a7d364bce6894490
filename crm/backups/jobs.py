"""A backup in the background: in a process of its own, as from the command line."""

import asyncio
import json
import sys
from typing import Any

from crm.backups.database_tools import ToolFailed
from crm.translation import _
from crm.work import Job, RunningJob


async def take(job: RunningJob) -> dict[str, Any]:
    await job.progress(0, None, _("Saving, and proving it on a spare server"))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "crm.cli", "backup", "--drill", "--json", stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, complained = await process.communicate()
    if process.returncode:
        raise ToolFailed(complained.decode(errors="replace").strip()[-500:])
    told: dict[str, Any] = json.loads(said)
    if told["drill"]["problems"]:
        raise ToolFailed(_("The backup was taken, but does not hold: %(problem)s") % {"problem": told["drill"]["problems"][0]})
    return {"url": "/backups"}


JOBS = [Job("backups.take", take, attempts=2, timeout=3600)]
