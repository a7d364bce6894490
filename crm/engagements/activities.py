"""What was done: log a call, a visit, a note."""

from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from crm.access import Actor, Permission, load, may_work_for, require
from crm.actions import acting
from crm.database import execute, fetch_value
from crm.engagements.forms import ActivityForm
from crm.errors import Denied, Invalid
from crm.translation import _


async def log_activity(actor: Actor, employer_id: UUID, form: ActivityForm, *, zone: str, today: date) -> UUID:
    """Log a call, visit, note … on the employer, for the actor's board; the activity's id."""
    require(actor, Permission.WORK_PIPELINE)
    board_id = actor.home_board
    if form.on is not None and form.on > today:
        raise Invalid(_("This day is still to come. Make a task for it."), fields={"on": _("This day is still to come.")})
    async with acting(actor, "activity.logged") as act:
        await load(actor, "employer", employer_id)
        await _check_contact(employer_id, form)
        activity_id: UUID = await fetch_value(
            "insert into activity (employer_id, board_id, engagement_id, contact_id, kind, direction, summary, body, at, "
            "logged_by) values ($1, $2, (select id from engagement where employer_id = $1 and board_id = $2 "
            "and archived_at is null order by updated_at desc limit 1), $3, $4, $5, $6, $7, coalesce($8::timestamptz, now()), $9) "
            "returning id",
            employer_id, board_id, form.contact_id, form.kind, form.direction, form.summary, form.body,
            _at(form.on, zone, today), actor.account_id,
        )  # fmt: skip
        act.record("activity", activity_id, board_id=board_id, employer_id=employer_id, after={"kind": form.kind})
        act.event("activity_logged", activity_id=activity_id, employer_id=employer_id)
    return activity_id


async def _check_contact(employer_id: UUID, form: ActivityForm) -> None:
    if form.contact_id is None:
        return
    known = await fetch_value(
        "select exists (select from affiliation where contact_id = $1 and employer_id = $2)", form.contact_id, employer_id
    )
    if not known:
        message = _("This person is not known at this employer. Add them there first.")
        raise Invalid(message, fields={"contact_id": message})


def _at(day: date | None, zone: str, today: date) -> datetime | None:
    """Noon of a past day in the agency's zone, so that the day stays itself everywhere; now for today."""
    return None if day is None or day == today else datetime.combine(day, time(12), ZoneInfo(zone))


async def remove_activity(actor: Actor, activity_id: UUID, *, restore: bool = False) -> None:
    """Take an activity off the timeline, or put it back. Only its own board does."""
    require(actor, Permission.WORK_PIPELINE)
    async with acting(actor, "activity.restored" if restore else "activity.removed") as act:
        activity = await load(actor, "activity", activity_id, for_update=True)
        if not may_work_for(actor, activity["board_id"]):
            raise Denied(_("Only the board that logged this removes it."))
        await execute(
            "update activity set removed_at = case when $2 then null else now() end, version = version + 1 where id = $1",
            activity_id, restore,
        )  # fmt: skip
        act.record("activity", activity_id, board_id=activity["board_id"], employer_id=activity["employer_id"])
