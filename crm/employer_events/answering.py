"""Answers of guests who have no account: by the link of a mail, or by the page on which anyone signs up."""

from datetime import datetime
from typing import Any
from uuid import UUID

from crm.access import SYSTEM
from crm.actions import acting
from crm.database import Record, execute, fetch_one, fetch_value
from crm.email_addresses import normalise_email
from crm.employer_events import guests, seats
from crm.employer_events.forms import AnswerForm, SignUpForm
from crm.employer_events.telling import hashed, tell
from crm.errors import Conflict, Invalid, NotFound
from crm.translation import _

QUIET = "10 minutes"  # between two mails that the sign-up page sends to one address

# a link stands in a mail of ours to this guest, or in a mailing to the guests of the event
_WHOSE = """
    select g.* from event_guest g where g.token_hashes @> array[$1::bytea] and g.removed_at is null
    union all
    select g.* from mailing_recipient r join mailing m on m.id = r.mailing_id join event_guest g on g.event_id = m.event_id and g.contact_id = r.contact_id
     where r.token_hashes @> array[$1::bytea] and g.removed_at is null limit 1
"""


async def whose(secret: str, *, now: datetime) -> tuple[Record, Record]:
    """The guest and the event. Raises `NotFound` alike for a link that never was, that was taken back, and of an event that is over."""
    guest = await fetch_one(_WHOSE, hashed(secret))
    event = await fetch_one("select * from employer_event where id = $1 and ends_at > $2", guest["event_id"], now) if guest else None
    if guest is None or event is None:
        raise NotFound(_("This link is damaged, was taken back, or belongs to an event that is over. Answer the mail that it stood in."))
    return guest, event


async def answer(secret: str, form: AnswerForm, *, now: datetime) -> str:
    """Keep what the guest says; what became of it: yes, maybe, no, or waiting for a place."""
    async with acting(SYSTEM, "event_guest.answered") as act:
        found, _event = await whose(secret, now=now)
        event = await fetch_one("select * from employer_event where id = $1 for update", found["event_id"])
        guest = await fetch_one("select * from event_guest where id = $1 for update", found["id"])
        assert event is not None and guest is not None
        if event["cancelled_at"] is not None or event["closed_at"] is not None:
            raise Conflict(_("This event was cancelled or closed already."))
        if guest["source"] == "sign_up" and guest["contact_id"] is None:
            await _recognise(guest)
        return await seats.take_answer(act, event, guest, form)


async def _recognise(guest: Record) -> None:
    """The link came by mail to this address, so it is theirs: who has it in the directory is who signs up, unless they are invited already."""
    known = await guests.known_by(SYSTEM, str(guest["email"]))
    if known and not await fetch_value("select exists (select from event_guest where event_id = $1 and contact_id = $2)", guest["event_id"], known["contact_id"]):
        await execute("update event_guest set contact_id = $2, employer_id = $3 where id = $1", guest["id"], known["contact_id"], known["employer_id"])


async def open_for_all(code: str, *, now: datetime) -> Record:
    """The event that anyone with its link signs up for. Raises `NotFound` alike for any that is not, or not any more."""
    found = await fetch_one("select * from employer_event where sign_up_code = $1 and sign_up and cancelled_at is null and closed_at is null and starts_at > $2",
                            code, now)  # fmt: skip
    if found is None:
        raise NotFound(_("No one can sign up here: the link is damaged, or the event is over or not open to all."))
    return found


async def sign_up(code: str, form: SignUpForm, *, language: str, now: datetime) -> None:
    """Send the address a link by which its owner confirms. The page answers the same, whoever it belongs to and however often."""
    address = normalise_email(form.email)
    if not address.address:
        raise Invalid(address.note, fields={"email": address.note})
    async with acting(SYSTEM, "event_guest.signed_up") as act:
        event = await open_for_all(code, now=now)
        await fetch_value("select pg_advisory_xact_lock(hashtext($1))", f"sign-up:{event['id']}:{address.address}")
        guest = await _on_list(event, address.address)
        if guest is not None and (guest["removed_at"] is not None or await _asked_lately(guest["id"])):
            act.unchanged()
            return
        if guest is None:
            guest = await fetch_one(
                "insert into event_guest (event_id, board_id, given_name, family_name, company, email, language, source) "
                "values ($1, $2, $3, $4, $5, $6, $7, 'sign_up') returning *",
                event["id"], event["board_id"], form.given_name, form.family_name, form.company, address.address, language,
            )  # fmt: skip
        assert guest is not None
        await execute("update event_guest set signed_up_at = now(), updated_at = now() where id = $1", guest["id"])
        await tell(act, event, guest, "confirm")
        act.record("event_guest", guest["id"], board_id=event["board_id"], employer_id=guest["employer_id"])


async def _on_list(event: Record, email: str) -> Record | None:
    return await fetch_one("select * from event_guest where event_id = $1 and email = $2 order by contact_id nulls last limit 1", event["id"], email)


async def _asked_lately(guest_id: UUID) -> bool:
    found: Any = await fetch_value(f"select signed_up_at > now() - interval '{QUIET}' from event_guest where id = $1", guest_id)
    return bool(found)
