"""A nightly job runs once a day, from its hour on, in the agency's zone, however many workers ask."""

import asyncio
from datetime import UTC, datetime, timedelta

from crm.database import fetch_value, transaction
from crm.nightly import Nightly, enqueue

BACKUP = Nightly("backups.take", "Nightly backup", "02:30", "America/New_York")
BEFORE = datetime(2026, 11, 23, 7, 29, tzinfo=UTC)  # 02:29 in New York
AFTER = BEFORE + timedelta(minutes=1)


async def count():
    async with transaction(read_only=True):
        return await fetch_value("select count(*) from job")


async def test_waits_for_its_hour(database):
    assert not await enqueue(BACKUP, BEFORE)
    assert await enqueue(BACKUP, AFTER)


async def test_runs_once_a_day_whoever_asks(database):
    asked = await asyncio.gather(*(enqueue(BACKUP, AFTER + timedelta(minutes=n)) for n in range(4)))
    assert sum(asked) == await count() == 1
    assert await enqueue(BACKUP, AFTER + timedelta(days=1))
    assert await count() == 2
