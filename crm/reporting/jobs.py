"""Counting, each night and when someone asks; the report as a PDF; reports by mail."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crm.database import fetch_value, transaction
from crm.mail import current_settings
from crm.reporting import counting, mailing, paper
from crm.work import Job, RunningJob


async def count_all(job: RunningJob, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> dict[str, Any]:
    """Run again after it died, it goes on with what is not counted yet."""
    zone = current_settings().time_zone
    async with transaction(read_only=True):
        asked_at = await fetch_value("select created_at from job where id = $1", job.id)
    return {"counted": await counting.count_all(now().astimezone(ZoneInfo(zone)).date(), zone, asked_at, job.acting)}


async def make_paper(job: RunningJob, *, board_id: str | None, language: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> dict[str, Any]:
    """As whoever asked may see it when it runs."""
    today = now().astimezone(ZoneInfo(current_settings().time_zone)).date()
    file_id = await paper.file_of(job, job.actor, UUID(board_id) if board_id else None, language, today)
    return {"url": f"/files/{file_id}"}


JOBS = [
    Job("reporting.count", count_all, attempts=3, timeout=1800), Job("reporting.paper", make_paper, attempts=4, timeout=180),
    Job("reporting.send_due", mailing.send_due, attempts=3, timeout=120), Job("reporting.mail", mailing.send_one, attempts=4, timeout=180),
]  # fmt: skip
