"""The verbs of an event: plan, change, cancel, close, open again."""

import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from crm.access import Actor, Permission, load, may_work_for, require
from crm.actions import Act, acting
from crm.database import execute, fetch, fetch_value, insert_many, update_row
from crm.employer_events import seats
from crm.employer_events.forms import EventForm
from crm.employer_events.rules import moment_of
from crm.errors import Conflict, Denied, Invalid
from crm.translation import _, lazy_
from crm.worded import worded

TOLD_AFTER = timedelta(minutes=10)  # who comes hears of a cancellation then; until then it is taken back unnoticed
TYPED = ("kind", "title_en", "title_es", "about_en", "about_es", "place", "link", "capacity", "shown_to", "sign_up")


async def add(actor: Actor, form: EventForm, *, zone: str) -> UUID:
    require(actor, Permission.WORK_PIPELINE)
    if actor.home_board is None:
        raise Invalid(_("An event is organized by a board, and you work for none."))
    values = _values(form, zone)
    async with acting(actor, "employer_event.added") as act:
        event_id: UUID = await fetch_value("select gen_random_uuid()")
        await insert_many("employer_event", ("id", "board_id", "sign_up_code", "made_by", *values),
                          [(event_id, actor.home_board, secrets.token_urlsafe(12), actor.account_id, *values.values())])  # fmt: skip
        act.record("employer_event", event_id, board_id=actor.home_board, after={"title": form.title_en, "starts_at": values["starts_at"]})
    return event_id


async def change(actor: Actor, event_id: UUID, form: EventForm, *, zone: str) -> None:
    """Raises `Conflict` when someone changed it meanwhile, and `Invalid` for fewer places than are taken."""
    values = _values(form, zone)
    async with acting(actor, "employer_event.changed") as act:
        old = await own(actor, event_id)
        if old["version"] != form.version:
            raise Conflict(_("Someone changed this event meanwhile. Look at it again."))
        if form.capacity is not None and form.capacity < old["seats"]:
            message = _("%(count)s places are taken already.") % {"count": old["seats"]}
            raise Invalid(message, fields={"capacity": message})
        after = {name: value for name, value in values.items() if old[name] != value}
        if not after:
            act.unchanged()
            return
        await update_row("employer_event", event_id, after)
        act.record("employer_event", event_id, board_id=old["board_id"], before={name: old[name] for name in after}, after=after)
        await seats.move_up(act, old | after)


async def cancel(actor: Actor, event_id: UUID, reason: str, *, now: datetime) -> None:
    """It does not take place; who said that they come hears of it in ten minutes, if it stays so."""
    async with acting(actor, "employer_event.cancelled") as act:
        old = await own(actor, event_id)
        if old["cancelled_at"] is not None or old["closed_at"] is not None:
            raise Conflict(_("This event was cancelled or closed already."))
        await execute("update employer_event set cancelled_at = now(), cancel_reason = $2, version = version + 1 where id = $1", event_id, reason)
        await act.enqueue("employer_events.tell_cancelled", {"event_id": str(event_id)}, title=worded(lazy_("Tell that %(event)s is cancelled"), event=old["title_en"]),
                          board_id=old["board_id"], run_after=now + TOLD_AFTER)  # fmt: skip
        act.record("employer_event", event_id, board_id=old["board_id"], after={"cancelled": reason})


async def restore(actor: Actor, event_id: UUID) -> None:
    async with acting(actor, "employer_event.restored") as act:
        old = await own(actor, event_id)
        if old["cancelled_at"] is None:
            act.unchanged()
            return
        await execute("update employer_event set cancelled_at = null, cancel_reason = '', version = version + 1 where id = $1", event_id)
        act.record("employer_event", event_id, board_id=old["board_id"])


async def close(actor: Actor, event_id: UUID, *, now: datetime) -> int:
    """Attendance is complete: each who came gets a line on their employer's timeline; how many did. Done twice it writes nothing more."""
    async with acting(actor, "employer_event.closed") as act:
        event = await own(actor, event_id)
        if event["cancelled_at"] is not None:
            raise Conflict(_("This event was cancelled."))
        if event["starts_at"] > now:
            raise Invalid(_("The event has not begun. Close it when you know who came."))
        if event["closed_at"] is None:
            await execute("update employer_event set closed_at = now(), closed_by = $2, version = version + 1 where id = $1", event_id, actor.account_id)
            act.record("employer_event", event_id, board_id=event["board_id"], after={"closed": True})
        elif not await _unwritten(event_id):
            act.unchanged()
        return await write_activities(act, event)


async def _unwritten(event_id: UUID) -> bool:
    return bool(await fetch_value(
        "select exists (select from event_guest where event_id = $1 and came_at is not null and removed_at is null and employer_id is not null "
        "and activity_id is null)", event_id))  # fmt: skip


async def write_activities(act: Act, event: dict[str, Any]) -> int:
    """A line for each who came and has none yet, inside the open action; the event is locked. Who is no one's yet waits until matched."""
    await execute(  # lines that were taken back with the opening stand again
        "update activity set removed_at = null, version = version + 1 where removed_at is not null and id in (select activity_id from event_guest "
        "where event_id = $1 and came_at is not null and removed_at is null)", event["id"],
    )  # fmt: skip
    written = await fetch(
        "with came as (select g.id, gen_random_uuid() as line, g.employer_id, g.board_id, g.contact_id, g.people, g.names from event_guest g "
        "where g.event_id = $1 and g.came_at is not null and g.removed_at is null and g.employer_id is not null and g.activity_id is null), "
        "lines as (insert into activity (id, employer_id, board_id, engagement_id, contact_id, kind, summary, body, at, logged_by) "
        "select c.line, c.employer_id, c.board_id, (select id from engagement n where n.employer_id = c.employer_id and n.board_id = c.board_id "
        "and n.archived_at is null order by n.updated_at desc limit 1), c.contact_id, 'event', $2, c.names, $3, $4 from came c returning id, employer_id), "
        "kept as (update event_guest g set activity_id = c.line from came c where g.id = c.id returning g.id) "
        "select l.id, l.employer_id from lines l, (select count(*) from kept) k",
        event["id"], event["title_en"], event["starts_at"], act.actor.account_id,
    )  # fmt: skip
    for line in written:
        act.record("activity", line["id"], board_id=event["board_id"], employer_id=line["employer_id"], after={"kind": "event"}, verb="activity.logged")
        act.event("activity_logged", activity_id=line["id"], employer_id=line["employer_id"])
    return len(written)


async def open_again(actor: Actor, event_id: UUID) -> None:
    """Attendance can be changed again; the lines that closing wrote leave the timelines until it is closed anew."""
    async with acting(actor, "employer_event.opened_again") as act:
        event = await own(actor, event_id)
        if event["closed_at"] is None:
            act.unchanged()
            return
        await execute("update employer_event set closed_at = null, closed_by = null, version = version + 1 where id = $1", event_id)
        await execute("update activity set removed_at = now(), version = version + 1 where removed_at is null and id in "
                      "(select activity_id from event_guest where event_id = $1)", event_id)  # fmt: skip
        act.record("employer_event", event_id, board_id=event["board_id"], after={"closed": False})


async def own(actor: Actor, event_id: UUID) -> dict[str, Any]:
    """The event, held until the action ends. Raises `Denied` for another board's, and `NotFound`."""
    require(actor, Permission.WORK_PIPELINE)
    event = await load(actor, "employer_event", event_id, for_update=True)
    if not may_work_for(actor, event["board_id"]):
        raise Denied(_("This event is organized by another board."))
    return event


def _values(form: EventForm, zone: str) -> dict[str, Any]:
    """The columns. Raises `Invalid` for clocks that the zone skips, and for an end before the start."""
    moments = {"begins": moment_of(form.on, form.begins, zone), "ends": moment_of(form.ends_on or form.on, form.ends, zone)}
    for field, moment in moments.items():
        if moment is None:
            message = _("Clocks are set forward that night and skip this time. Choose another.")
            raise Invalid(message, fields={field: message})
    starts_at, ends_at = moments["begins"], moments["ends"]
    assert starts_at is not None and ends_at is not None
    if ends_at <= starts_at:
        message = _("It ends before it begins.")
        raise Invalid(message, fields={"ends": message})
    if ends_at - starts_at > timedelta(days=14):
        message = _("An event lasts two weeks at most.")
        raise Invalid(message, fields={"ends_on": message})
    if not form.place and not form.link:
        message = _("Say where it is, or give its link.")
        raise Invalid(message, fields={"place": message})
    return {name: getattr(form, name) for name in TYPED} | {"starts_at": starts_at, "ends_at": ends_at}
