"""Take a backup and drop what is no longer kept; prove one; each leaves its trace."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

from crm.access import SYSTEM, Actor, Permission, require
from crm.actions import acting
from crm.backups.rules import kept
from crm.backups.taking import Taken, backups_in, take, taken_at
from crm.database import execute, fetch_value
from crm.program import Program
from crm.settings import Settings
from crm.translation import lazy_
from crm.worded import worded


async def take_and_drop(program: Program, folder: Path | None = None) -> Taken:
    """Into the folder, or the one that is set. Raises `ToolFailed` and `Unavailable`; then nothing is dropped."""
    into = folder or program.settings.backup_folder
    taken = await take(program, into)
    days, weeks, months = program.settings.backup_keep
    stay = kept([taken_at(path) for path in backups_in(into)], days=days, weeks=weeks, months=months)
    dropped = [path for path in backups_in(into) if taken_at(path) not in stay]
    async with acting(SYSTEM, "backup.taken") as act:
        backup_id: UUID = await fetch_value(
            "insert into backup (taken_at, file, size, row_count, file_count) values ($1, $2, $3, $4, $5) returning id",
            taken.manifest.taken_at, str(taken.path), taken.size, sum(taken.manifest.rows.values()), len(taken.manifest.files),
        )  # fmt: skip
        act.record("backup", backup_id, after={"file": taken.path.name, "size": taken.size})
        if dropped:
            await execute("update backup set dropped_at = now() where file = any($1)", [str(path) for path in dropped])
            act.record("backup", None, verb="backup.dropped", after={"files": [path.name for path in dropped]})
    for path in dropped:
        path.unlink(missing_ok=True)
    return taken


async def drill_apart(settings: Settings, path: Path) -> dict[str, Any]:
    """Prove a backup in a process of its own, which has servers of its own, and keep the outcome."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "crm.cli", "restore", "--drill", "--json", str(path),
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, complained = await process.communicate()
    try:
        proven: dict[str, Any] = json.loads(said)
    except ValueError:
        proven = {"backup": path.name, "seconds": 0, "checked": {}, "problems": [complained.decode(errors="replace").strip()[-500:]]}
    async with acting(SYSTEM, "backup.drilled") as act:
        await execute("update backup set drilled_at = now(), drill_seconds = $2, problems = $3 where file = $1",
                      str(path), proven["seconds"], proven["problems"])  # fmt: skip
        act.record("backup", None, after={"file": path.name, "problems": len(proven["problems"])})
    return proven


async def ask_for_one(actor: Actor) -> UUID:
    """Have a backup taken and proven in the background; the job."""
    require(actor, Permission.MANAGE_PLUGINS)
    async with acting(actor, "backup.asked") as act:
        job_id = await act.enqueue("backups.take", {}, title=worded(lazy_("Back up and prove it")), key="backup")
        act.record("job", job_id)
    return job_id
