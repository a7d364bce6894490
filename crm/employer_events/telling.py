"""Mails to one guest: to confirm a sign-up, that a place is free, what is near, that it does not take place. Each carries the guest's own link."""

import hashlib
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crm import days, mail
from crm.actions import Act
from crm.database import Record, execute, fetch, fetch_one, fetch_value, transaction
from crm.employer_events.rules import reminder_day
from crm.employer_events.wording import title, when, where
from crm.engagements import courtesy
from crm.mail import current_settings
from crm.work import Job, RunningJob

LINKS_KEPT = 12  # of one guest; older mails' links end
# what keeps that a guest was told, so that no one is told twice
MARKS = {
    "reminder": ("reminded_at", "update event_guest set reminded_at = now() where id = $1"),
    "cancelled": ("cancel_told_at", "update event_guest set cancel_told_at = now() where id = $1"),
}


async def tell(act: Act, event: Mapping[str, Any], guest: Mapping[str, Any], kind: str) -> bool:
    """Queue a mail to a guest, inside the open action; False for one without an address."""
    if not guest["email"]:
        return False
    secret = secrets.token_urlsafe(24)
    await execute("update event_guest set token_hashes = (token_hashes || $2::bytea)[greatest(1, cardinality(token_hashes) + 2 - $3):] where id = $1",
                  guest["id"], hashed(secret), LINKS_KEPT)  # fmt: skip
    language, zone = guest["language"], current_settings().time_zone
    board = await fetch_value("select coalesce(nullif(public_name, ''), name) from board where id = $1", event["board_id"])
    await mail.queue_mail(act, "event_guest", to=str(guest["email"]), language=language, context={
        "kind": kind, "name": guest["given_name"], "title": title(event, language), "when": when(event, language, zone), "where": where(event),
        "reason": event["cancel_reason"], "board": board, "path": f"/rsvp/{secret}",
    })  # fmt: skip
    return True


def hashed(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


async def remind(job: RunningJob, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> dict[str, Any]:
    """Two working days before, to those who said yes. Run again, it reminds no one twice."""
    moment, zone = now(), ZoneInfo(current_settings().time_zone)
    today = moment.astimezone(zone).date()
    if not days.works(today):
        return {"mails": 0}
    async with transaction(read_only=True):
        near = await fetch("select * from employer_event where cancelled_at is null and closed_at is null and starts_at > $1 "
                           "and starts_at < $1 + interval '8 days' order by starts_at", moment)  # fmt: skip
        due = [event for event in near if reminder_day(event["starts_at"].astimezone(zone).date()) <= today]
        guests = await fetch("select id, event_id from event_guest where event_id = any($1) and answer = 'yes' and reminded_at is null and removed_at is null "
                             "and email <> '' order by id", [event["id"] for event in due])  # fmt: skip
    by_id = {event["id"]: event for event in due}
    return {"mails": sum([await _tell_once(job, by_id[row["event_id"]], row["id"], "reminder", today) for row in guests])}


async def tell_cancelled(job: RunningJob, *, event_id: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> dict[str, Any]:
    """To each who comes, may come or waits, unless it was taken back meanwhile."""
    today = now().astimezone(ZoneInfo(current_settings().time_zone)).date()
    async with transaction(read_only=True):
        event = await fetch_one("select * from employer_event where id = $1 and cancelled_at is not null", UUID(event_id))
        guests = await fetch("select id from event_guest where event_id = $1 and answer in ('yes', 'maybe', 'waiting') and removed_at is null "
                             "and cancel_told_at is null and email <> '' order by id", UUID(event_id)) if event else []  # fmt: skip
    return {"mails": sum([await _tell_once(job, event, row["id"], "cancelled", today) for row in guests if event])}


async def _tell_once(job: RunningJob, event: Record, guest_id: UUID, kind: str, today: date) -> bool:
    async with job.acting(f"event_guest.{kind}") as act:
        guest = await fetch_one("select * from event_guest where id = $1 and removed_at is null for update", guest_id)
        mark, note = MARKS[kind]
        if guest is None or guest[mark] is not None or await _wants_none(event, guest, today):
            act.unchanged()
            return False
        await execute(note, guest_id)
        await tell(act, event, guest, kind)
        act.record("event_guest", guest_id, board_id=event["board_id"], employer_id=guest["employer_id"], after={"told": kind})
        return True


async def _wants_none(event: Record, guest: Record, today: date) -> bool:
    """A wish for no contact holds for these too; another board's lead does not, for they said yes to this one."""
    if guest["contact_id"] is None or guest["employer_id"] is None:
        return False
    found = await courtesy.findings(event["board_id"], guest["employer_id"], guest["contact_id"], "email",
                                    budget=current_settings().contact_budget, today=today)  # fmt: skip
    return any(finding.code in ("person-stop", "employer-stop", "refused") for finding in found)


JOBS = [
    Job("employer_events.remind", remind, attempts=3, timeout=600), Job("employer_events.tell_cancelled", tell_cancelled, attempts=5, timeout=600),
]  # fmt: skip
