"""A person's days in their own calendar: a link of theirs, which they can take back, that any calendar reads."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID

from icalendar import Calendar, Event

from crm import sessions
from crm.access import Actor, Permission, may, require
from crm.actions import acting
from crm.database import execute, fetch_value
from crm.engagements.agenda import Item
from crm.errors import NotFound
from crm.translation import _

NO_SUCH = "This page does not exist, or it is not yours to see."


async def make(actor: Actor) -> str:
    """A new secret; the one before ends. It is shown once."""
    require(actor, Permission.WORK_PIPELINE)
    secret = secrets.token_urlsafe(32)
    async with acting(actor, "calendar.linked") as act:
        await execute("update calendar_feed set revoked_at = now() where account_id = $1 and revoked_at is null", actor.account_id)
        feed_id = await fetch_value("insert into calendar_feed (account_id, secret_hash) values ($1, $2) returning id",
                                    actor.account_id, _hashed(secret))  # fmt: skip
        act.record("calendar_feed", feed_id)
    return secret


async def take_back(actor: Actor) -> None:
    require(actor, Permission.WORK_PIPELINE)
    async with acting(actor, "calendar.unlinked") as act:
        if not await execute("update calendar_feed set revoked_at = now() where account_id = $1 and revoked_at is null", actor.account_id):
            act.unchanged()
        else:
            act.record("calendar_feed", None)


async def linked(actor: Actor) -> datetime | None:
    """Since when a calendar may read along."""
    found: datetime | None = await fetch_value("select made_at from calendar_feed where account_id = $1 and revoked_at is null", actor.account_id)
    return found


async def whose(secret: str) -> Actor:
    """Raises `NotFound` alike for a link that never was, that was taken back, and of someone who may not work here any more."""
    account: UUID | None = await fetch_value(
        "select account_id from calendar_feed where secret_hash = $1 and revoked_at is null", _hashed(secret)
    )
    actor = await sessions.actor_of(account) if account else None
    if actor is None or not may(actor, Permission.WORK_PIPELINE):
        raise NotFound(_(NO_SUCH))
    return actor


def calendar(items: list[Item], *, name: str, url: str) -> bytes:
    """The items that have a day, as all-day events that block no time."""
    made = Calendar()
    made.add("prodid", "-//crm//days//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", name)
    made.add("refresh-interval", timedelta(hours=1), parameters={"value": "DURATION"})
    for item in items:
        if item.due is not None:
            made.add_component(_event(item, url))
    return bytes(made.to_ical())


def _event(item: Item, url: str) -> Event:
    event = Event()
    event.add("uid", f"{item.kind}-{item.id}@{url.partition('//')[2]}")
    event.add("dtstamp", datetime.now(UTC))
    assert item.due is not None
    event.add("dtstart", item.due)
    event.add("dtend", item.due + timedelta(days=1))
    event.add("summary", f"{item.title} ({item.employer})" if item.employer else item.title)
    event.add("transp", "TRANSPARENT")
    event.add("url", f"{url}/employers/{item.employer_id}" if item.employer_id else f"{url}/today")
    if item.note:
        event.add("description", item.note)
    return event


def _hashed(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
