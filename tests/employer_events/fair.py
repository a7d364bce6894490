"""A fair of the north with two guests: what the tests of events say and look up."""

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from crm.access import SYSTEM
from crm.actions import acting
from crm.database import execute, fetch, fetch_one, transaction
from crm.employer_events import answering, guests, telling
from crm.employer_events.forms import AnswerForm, EventForm

ZONE = "America/New_York"


def fair(**fields):
    start = datetime.now(UTC).date() + timedelta(days=20)
    return EventForm(**{"kind": "career_fair", "title_en": "Spring fair", "title_es": "Feria", "on": start, "begins": "09:00", "ends": "11:00",
                        "place": "1 Court Square", **fields})  # fmt: skip


async def invited(desk, people, employers):
    return SimpleNamespace(
        erin=await guests.invite(people.alice, desk.event, employers.erins, desk.erins),
        frank=await guests.invite(people.alice, desk.event, employers.franks, desk.franks))  # fmt: skip


async def row(guest):
    async with transaction(read_only=True):
        return await fetch_one("select * from event_guest where id = $1", guest)


async def the_event(desk):
    async with transaction(read_only=True):
        return await fetch_one("select * from employer_event where id = $1", desk.event)


async def outbox():
    async with transaction(read_only=True):
        return [(row["to_address"], row["subject"], row["text_body"]) for row in await fetch("select * from mail_message where template = 'event_guest' order by created_at, id")]


async def link_of(address):
    return re.findall(r"/rsvp/([\w-]+)", next(text for to, _subject, text in reversed(await outbox()) if to == address))[0]


async def over(desk):
    async with transaction():
        await execute("update employer_event set starts_at = now() - interval '3 hours', ends_at = now() - interval '1 hour' where id = $1", desk.event)


async def linked(guest):
    """A link of theirs, as a mail of ours carries it."""
    found = await row(guest)
    async with acting(SYSTEM, "test.linked") as act:
        event = await fetch_one("select * from employer_event where id = $1", found["event_id"])
        await telling.tell(act, event, found, "reminder")
        act.record("event_guest", guest)
    return await link_of(found["email"])


async def says(secret, answer, people=1, **more):
    return await answering.answer(secret, AnswerForm(answer=answer, people=people, **more), now=datetime.now(UTC))
