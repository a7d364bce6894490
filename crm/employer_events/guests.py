"""The verbs of guests, for staff: invite, take off the list, note an answer, check in, take in who walks in, say whose they are."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from crm.access import Actor, Permission, load, require, visible
from crm.actions import Act, acting
from crm.contacts import present
from crm.contacts.actions import add_contact
from crm.contacts.forms import ContactForm
from crm.database import execute, fetch, fetch_one, fetch_value
from crm.days import agency_day
from crm.email_addresses import normalise_email
from crm.employer_events import events, seats
from crm.employer_events.forms import AnswerForm, MatchForm, WalkInForm
from crm.errors import Conflict, Invalid
from crm.outreach.preparing import shown_people
from crm.sql import Sql
from crm.translation import _

MOST = 5_000  # invited at once


async def invite(actor: Actor, event_id: UUID, employer_id: UUID, contact_id: UUID) -> UUID:
    """One person, on behalf of one employer. Nothing is written to them yet; who was taken off the list is back on it."""
    async with acting(actor, "event_guest.invited") as act:
        event = await _open(actor, event_id)
        contact = await load(actor, "contact", contact_id)
        if not await present.is_at(contact_id, employer_id):
            raise Invalid(_("This person is not known at this employer. Add them there first."))
        there = await fetch_one("select * from event_guest where event_id = $1 and contact_id = $2 for update", event_id, contact_id)
        if there is not None:
            await _put_back(act, event, there)
            return UUID(str(there["id"]))
        guest_id: UUID = await fetch_value(
            "insert into event_guest (event_id, board_id, employer_id, contact_id, given_name, family_name, email, language, source, made_by) "
            "values ($1, $2, $3, $4, $5, $6, $7, $8, 'invited', $9) returning id",
            event_id, event["board_id"], employer_id, contact_id, contact["given_name"], contact["family_name"], contact["email"], contact["language"],
            actor.account_id,
        )  # fmt: skip
        act.record("event_guest", guest_id, board_id=event["board_id"], employer_id=employer_id)
    return guest_id


async def _put_back(act: Act, event: Mapping[str, Any], guest: Mapping[str, Any]) -> None:
    """On the list again. Their places may be another's by now: then they wait."""
    if guest["removed_at"] is None:
        act.unchanged()
    elif guest["answer"] == "yes":
        await seats.take_answer(act, event, guest, AnswerForm(answer="yes", people=guest["people"], names=guest["names"], access_needs=guest["access_needs"]))
    else:
        await execute("update event_guest set removed_at = null, updated_at = now(), version = version + 1 where id = $1", guest["id"])
        act.record("event_guest", guest["id"], board_id=event["board_id"], employer_id=guest["employer_id"])


async def invite_many(actor: Actor, event_id: UUID, chosen: dict[str, Any], *, now: datetime) -> tuple[int, datetime]:
    """Those whom a pipeline shows and who are not on the list yet: how many, and the moment by which they are taken off again."""
    require(actor, Permission.WORK_PIPELINE)
    async with acting(actor, "event_guest.invited") as act:
        event = await _open(actor, event_id)
        found = await shown_people(actor, event["board_id"], chosen, agency_day(now))
        if len(found) > MOST:
            raise Invalid(_("That are %(count)s people, and %(most)s can be invited at once. Narrow the pipeline first.") % {"count": len(found), "most": MOST})
        made = await fetch(
            "insert into event_guest (event_id, board_id, employer_id, contact_id, given_name, family_name, email, language, source, made_by, made_at) "
            "select $1, $2, r.employer, r.contact, c.given_name, c.family_name, c.email, c.language, 'invited', $3, $6 "
            "from unnest($4::uuid[], $5::uuid[]) r (employer, contact) join contact c on c.id = r.contact on conflict do nothing returning id",
            event_id, event["board_id"], actor.account_id, [row["employer_id"] for row in found], [row["contact_id"] for row in found], now,
        )  # fmt: skip
        if made:
            act.record("employer_event", event_id, board_id=event["board_id"], after={"invited": len(made)})
        else:
            act.unchanged()
    return len(made), now


async def take_off_many(actor: Actor, event_id: UUID, invited_at: datetime) -> int:
    """Those invited together then, who were not written to and have not answered, leave the list."""
    async with acting(actor, "event_guest.removed") as act:
        event = await events.own(actor, event_id)
        gone = await execute(
            "delete from event_guest g where event_id = $1 and made_at = $2 and answer = '' and came_at is null and not exists (select from mailing_recipient r "
            "join mailing m on m.id = r.mailing_id where m.event_id = $1 and r.contact_id = g.contact_id and r.state in ('sending', 'sent', 'uncertain'))",
            event_id, invited_at,
        )  # fmt: skip
        if gone:
            act.record("employer_event", event_id, board_id=event["board_id"], after={"taken_off": gone})
        else:
            act.unchanged()
    return gone


async def take_off(actor: Actor, guest_id: UUID, *, restore: bool = False) -> dict[str, Any]:
    """Off the list, and their link ends; or back on it."""
    async with acting(actor, "event_guest.restored" if restore else "event_guest.removed") as act:
        guest, event = await _held(actor, guest_id)
        if restore:
            await _put_back(act, event, guest)
        elif guest["removed_at"] is not None:
            act.unchanged()
        else:
            await execute("update event_guest set removed_at = now(), version = version + 1 where id = $1", guest_id)
            act.record("event_guest", guest_id, board_id=event["board_id"], employer_id=guest["employer_id"])
            await seats.move_up(act, event)
    return guest


async def answer_for(actor: Actor, guest_id: UUID, form: AnswerForm) -> str:
    """What they said on the phone; what became of it. What they wrote themselves stays where nothing new was said."""
    async with acting(actor, "event_guest.answered") as act:
        guest, event = await _held(actor, guest_id)
        _check_open(event)
        told = AnswerForm(answer=form.answer, people=form.people, names=form.names or guest["names"], access_needs=form.access_needs or guest["access_needs"])
        return await seats.take_answer(act, event, guest, told)


async def check_in(actor: Actor, guest_id: UUID, *, undo: bool = False) -> dict[str, Any]:
    """They are here; or they are not, after all."""
    async with acting(actor, "event_guest.not_here" if undo else "event_guest.came") as act:
        guest, event = await _held(actor, guest_id)
        if event["closed_at"] is not None:
            raise Conflict(_("Attendance is closed. Open it again first."))
        if (guest["came_at"] is None) is undo:
            act.unchanged()
            return guest
        await execute("update event_guest set came_at = case when $2 then null else now() end, came_by = case when $2 then null else $3::uuid end, "
                      "version = version + 1 where id = $1", guest_id, undo, actor.account_id)  # fmt: skip
        act.record("event_guest", guest_id, board_id=event["board_id"], employer_id=guest["employer_id"])
    return guest


async def walk_in(actor: Actor, event_id: UUID, form: WalkInForm) -> UUID:
    """Someone whom no one expected is here. Who is known by their address is known at once; else a person says later whose they are."""
    email = ""
    if form.email:
        address = normalise_email(form.email)
        if not address.address:
            raise Invalid(address.note, fields={"email": address.note})
        email = address.address
    async with acting(actor, "event_guest.walked_in") as act:
        event = await events.own(actor, event_id)
        if event["closed_at"] is not None or event["cancelled_at"] is not None:
            raise Conflict(_("Attendance is closed. Open it again first."))
        known = await known_by(actor, email) if email else None
        there = await fetch_one(
            "select * from event_guest where event_id = $1 and (contact_id = $2 or ($3 <> '' and email = $3)) order by contact_id nulls last limit 1 for update",
            event_id, known and known["contact_id"], email,
        )  # fmt: skip
        if there is not None:
            await _put_back(act, event, there)
        guest_id: UUID = there["id"] if there else await fetch_value(
            "insert into event_guest (event_id, board_id, employer_id, contact_id, given_name, family_name, email, company, source, made_by) "
            "values ($1, $2, $3, $4, $5, $6, $7, $8, 'walk_in', $9) returning id",
            event_id, event["board_id"], known and known["employer_id"], known and known["contact_id"], form.given_name, form.family_name, email,
            form.company, actor.account_id,
        )  # fmt: skip
        await execute("update event_guest set came_at = coalesce(came_at, now()), came_by = coalesce(came_by, $2) where id = $1", guest_id, actor.account_id)
        act.record("event_guest", guest_id, board_id=event["board_id"], employer_id=known["employer_id"] if known else None)
    return guest_id


async def known_by(actor: Actor, email: str) -> dict[str, Any] | None:
    """The one person with this address, at the employer where they are first of all; none where it is no one's or several people's."""
    rows = await fetch(
        Sql("select distinct on (c.id) c.id as contact_id, f.employer_id, c.language from contact c join affiliation f on f.contact_id = c.id "
            "and {} where c.email = {} and c.archived_at is null and {} "
            "order by c.id, f.is_primary desc, f.created_at", present.works("f"), email, visible(actor, "contact", "c"))  # fmt: skip
    )
    return dict(rows[0]) if len(rows) == 1 else None


async def match(actor: Actor, guest_id: UUID, form: MatchForm) -> None:
    """Say whose a guest is: someone known at an employer, or a new person there. What closing could not write is written now."""
    async with acting(actor, "event_guest.matched") as act:
        guest, event = await _held(actor, guest_id)
        if guest["contact_id"] is not None:
            raise Conflict(_("Someone said already whose this guest is."))
        await load(actor, "employer", form.employer_id)
        contact_id = form.contact_id
        if contact_id is None:
            contact_id = await _new_person(actor, form.employer_id, guest)
        elif not await present.is_at(contact_id, form.employer_id, past=True):
            raise Invalid(_("This person is not known at this employer. Add them there first."))
        if await fetch_value("select exists (select from event_guest where event_id = $1 and contact_id = $2)", event["id"], contact_id):
            raise Conflict(_("This person is on the list already. Take one of the two off."))
        await execute("update event_guest set employer_id = $2, contact_id = $3, updated_at = now(), version = version + 1 where id = $1",
                      guest_id, form.employer_id, contact_id)  # fmt: skip
        act.record("event_guest", guest_id, board_id=event["board_id"], employer_id=form.employer_id, after={"contact_id": contact_id})
        if event["closed_at"] is not None:
            await events.write_activities(act, event)


async def _new_person(actor: Actor, employer_id: UUID, guest: dict[str, Any]) -> UUID:
    """A new person at the employer, as the guest wrote themself."""
    return await add_contact(actor, employer_id, ContactForm(given_name=guest["given_name"], family_name=guest["family_name"], email=str(guest["email"]),
                                                             language=guest["language"]))  # fmt: skip


async def _held(actor: Actor, guest_id: UUID) -> tuple[dict[str, Any], dict[str, Any]]:
    """The guest and the event, held: the event first, as everyone does who changes places."""
    found = await load(actor, "event_guest", guest_id)
    event = await events.own(actor, found["event_id"])
    guest = await fetch_one("select * from event_guest where id = $1 for update", guest_id)
    assert guest is not None
    return dict(guest), event


async def _open(actor: Actor, event_id: UUID) -> dict[str, Any]:
    event = await events.own(actor, event_id)
    _check_open(event)
    return event


def _check_open(event: dict[str, Any]) -> None:
    if event["cancelled_at"] is not None or event["closed_at"] is not None:
        raise Conflict(_("This event was cancelled or closed already."))
