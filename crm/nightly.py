"""Jobs that run once a day at an hour of the agency's."""

from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from crm import work
from crm.access import SYSTEM
from crm.database import fetch_value, transaction


class Nightly(Struct, frozen=True):
    """A job, and the hour and minute from which it is due, as "02:30" in the zone."""

    job: str
    title: str
    at: str
    zone: str


async def enqueue(nightly: Nightly, now: datetime) -> bool:
    """Enqueue it when it is due today and was not yet; True then. Any number of workers may ask."""
    local = now.astimezone(ZoneInfo(nightly.zone))
    if f"{local:%H:%M}" < nightly.at:
        return False
    key = f"{nightly.job}:{local:%Y-%m-%d}"
    async with transaction():
        await fetch_value("select pg_advisory_xact_lock(hashtext($1))", key)
        if await fetch_value("select exists (select from job where key = $1)", key):
            return False
        await work.add(SYSTEM, nightly.job, {}, title=nightly.title, key=key)
    return True
