"""The first admin: a one-time link that `crm serve` prints while no one can sign in."""

from datetime import timedelta

from crm import sessions
from crm.access import NOBODY
from crm.actions import acting
from crm.database import fetch_value, transaction
from crm.settings import Settings

LIFETIME = timedelta(days=1)


async def first_admin_link(settings: Settings) -> str | None:
    """The link with which the first admin makes their account; None once anyone has one."""
    async with transaction(read_only=True):
        if await fetch_value("select exists (select from account)"):
            return None
    async with acting(NOBODY, "link.made") as act:
        link = await sessions.make_link("first_admin", None, LIFETIME)
        act.record("link", link.id, after={"purpose": "first_admin"})
    return f"{settings.url}/sign-in/first/{link.token}"
