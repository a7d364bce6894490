"""Counting, each night and when someone asks."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from crm.database import fetch_value, transaction
from crm.mail import current_settings
from crm.reporting import counting
from crm.work import Job, RunningJob


async def count_all(job: RunningJob, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> dict[str, Any]:
    """Run again after it died, it goes on with what is not counted yet."""
    zone = current_settings().time_zone
    async with transaction(read_only=True):
        asked_at = await fetch_value("select created_at from job where id = $1", job.id)
    return {"counted": await counting.count_all(now().astimezone(ZoneInfo(zone)).date(), zone, asked_at, job.acting)}


JOBS = [Job("reporting.count", count_all, attempts=3, timeout=1800)]
