"""What was done: log a call, a visit, a note; change it, take it off, and put all of that back."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crm.access import Actor, Permission, Role, load, may_manage, may_work_for, require
from crm.actions import Act, acting
from crm.database import Record, execute, fetch, fetch_one, fetch_value, update_row
from crm.engagements import attachments, levels, mentions, services, tasks
from crm.engagements.attachments import Upload
from crm.engagements.forms import LOGGED_KINDS, ActivityForm, LogForm, TaskForm
from crm.errors import Conflict, Denied, Invalid
from crm.translation import _

CHANGED = ("kind", "summary", "body", "direction", "contact_id", "establishment_id", "outcome", "service_code")


async def log_activity(
    actor: Actor, employer_id: UUID, form: ActivityForm, *, zone: str, today: date, uploads: Sequence[Upload] = ()
) -> UUID:
    """Log a call, visit, note … on the employer, for the actor's board, with all that comes with it; the activity's id."""
    require(actor, Permission.WORK_PIPELINE)
    board_id = actor.home_board
    check_day(form.on, today)
    stored = await attachments.store(uploads)
    async with acting(actor, "activity.logged") as act:
        await load(actor, "employer", employer_id)
        activity_id = await add(act, employer_id, board_id, form, at=at_of(form.on, zone, today), day=form.on or today)
        await attachments.hang(act, activity_id, board_id, stored)
        named = form.mention_id if isinstance(form, LogForm) else None
        await mentions.tell(act, activity_id, board_id, [form.summary, form.body], named)
        if isinstance(form, LogForm) and form.task_title:
            await tasks.add_task(actor, TaskForm(title=form.task_title, due=form.task_due), employer_id=employer_id)
        await levels.refresh([employer_id], zone)
    return activity_id


async def add(act: Act, employer_id: UUID, board_id: UUID | None, form: ActivityForm, *, at: datetime | None, day: date) -> UUID:
    """The activity inside the open action."""
    await _check_contact(employer_id, form)
    await _check_site(employer_id, form)
    return (await add_many(act, [employer_id], board_id, form, at=at, day=day))[0]


async def add_many(
    act: Act, employer_ids: Sequence[UUID], board_id: UUID | None, form: ActivityForm, *, at: datetime | None, day: date
) -> list[UUID]:
    """One on each employer's timeline, in one statement. Where an employer has one worksite and none is named, it is that one."""
    rows = await fetch(
        "insert into activity (employer_id, board_id, engagement_id, establishment_id, contact_id, kind, direction, summary, body, at, "
        "outcome, service_code, logged_by) select e.id, $2, (select g.id from engagement g where g.employer_id = e.id and g.board_id = $2 "
        "and g.archived_at is null order by g.updated_at desc limit 1), coalesce($3::uuid, (select case when count(*) = 1 "
        "then (array_agg(s.id))[1] end from establishment s where s.employer_id = e.id and s.archived_at is null)), $4, $5, $6, $7, $8, "
        "coalesce($9::timestamptz, now()), $10, $11, $12 from unnest($1::uuid[]) e (id) returning id, employer_id",
        list(employer_ids), board_id, form.establishment_id, form.contact_id, form.kind, form.direction, form.summary, form.body, at,
        form.outcome, await services.code_for(form.service_code, form.kind, day), act.actor.account_id,
    )  # fmt: skip
    for row in rows:
        act.record("activity", row["id"], board_id=board_id, employer_id=row["employer_id"], after={"kind": form.kind})
        act.event("activity_logged", activity_id=row["id"], employer_id=row["employer_id"])
    return [row["id"] for row in rows]


async def change_activity(
    actor: Actor, activity_id: UUID, form: ActivityForm, version: int, *, zone: str, today: date, uploads: Sequence[Upload] = ()
) -> UUID | None:
    """What it says from now on, and more files; the change, by which it is changed back, or None where it says nothing new.

    Raises `Conflict` when someone changed it meanwhile.
    """
    check_day(form.on, today)
    stored = await attachments.store(uploads)
    async with acting(actor, "activity.changed") as act:
        activity = await own(actor, activity_id)
        if activity["version"] != version:
            raise Conflict(_("Someone changed this meanwhile. Look at it again."))
        await _check_contact(activity["employer_id"], form)
        await _check_site(activity["employer_id"], form)
        local = activity["at"].astimezone(ZoneInfo(zone)).date()
        code = await services.code_for(form.service_code, form.kind, form.on or local, activity["service_code"])
        wanted: dict[str, Any] = {name: getattr(form, name) for name in CHANGED} | {"service_code": code}
        if form.on is not None and form.on != local:
            wanted["at"] = at_of(form.on, zone, today) or datetime.now(ZoneInfo(zone))
        after = {name: value for name, value in wanted.items() if activity[name] != value}
        await attachments.hang(act, activity_id, activity["board_id"], stored)
        if stored:
            act.record("activity", activity_id, board_id=activity["board_id"], employer_id=activity["employer_id"], after={"files": len(stored)})
        if not after:
            act.unchanged()
            return None
        before = {name: activity[name] for name in after}
        await _write(act, activity, after)
        await mentions.tell(act, activity_id, activity["board_id"], [form.summary, form.body], None)
        change_id: UUID = await fetch_value(
            "insert into activity_change (activity_id, before, after, made_by) values ($1, $2, $3, $4) returning id",
            activity_id, _kept(before), _kept(after), actor.account_id,
        )  # fmt: skip
        await levels.refresh([activity["employer_id"]], zone)
    return change_id


async def undo_change(actor: Actor, change_id: UUID, *, zone: str) -> dict[str, Any]:
    """As it was before that change; the activity. Raises `Conflict` where someone changed the same since."""
    async with acting(actor, "activity.changed") as act:
        made = await load(actor, "activity_change", change_id, for_update=True)
        activity = await own(actor, made["activity_id"])
        now = _kept({name: activity[name] for name in made["after"]})
        if made["undone_at"] is not None or now != made["after"]:
            raise Conflict(_("Someone changed this since. Look at it again."))
        await _write(act, activity, {name: _read(name, value) for name, value in made["before"].items()})
        await execute("update activity_change set undone_at = now() where id = $1", change_id)
        await levels.refresh([activity["employer_id"]], zone)
    return activity


async def history(actor: Actor, activity_id: UUID) -> list[Record]:
    """The changes of an activity that the actor has been shown, newest first."""
    await load(actor, "activity", activity_id)
    return await fetch(
        "select h.*, a.name as by from activity_change h left join account a on a.id = h.made_by where h.activity_id = $1 "
        "order by h.made_at desc, h.id desc limit 50",
        activity_id,
    )


def in_words(made: Mapping[str, Any]) -> list[str]:
    """The fields that a change was about, as people call them."""
    called = {"kind": _("What was it?"), "summary": _("In one line"), "body": _("Notes"), "direction": _("Who got in touch?"),
              "contact_id": _("With whom"), "establishment_id": _("At which worksite"), "outcome": _("What came of it"), "at": _("Date"),
              "service_code": _("Service")}  # fmt: skip
    return [called[name] for name in made["after"]]


async def remove_activity(actor: Actor, activity_id: UUID, *, zone: str, restore: bool = False) -> None:
    """Take an activity off the timeline, or put it back. Only its own board does."""
    require(actor, Permission.WORK_PIPELINE)
    async with acting(actor, "activity.restored" if restore else "activity.removed") as act:
        activity = await load(actor, "activity", activity_id, for_update=True)
        if not may_work_for(actor, activity["board_id"]):
            raise Denied(_("Only the board that logged this removes it."))
        await put_away(act, activity, restore=restore)
        await levels.refresh([activity["employer_id"]], zone)


async def put_away(act: Act, activity: Mapping[str, Any], *, restore: bool = False) -> None:
    """Off the timeline, or back on it, inside the open action."""
    await execute(
        "update activity set removed_at = case when $2 then null else now() end, version = version + 1 where id = $1",
        activity["id"], restore,
    )  # fmt: skip
    act.record("activity", activity["id"], board_id=activity["board_id"], employer_id=activity["employer_id"])


async def own(actor: Actor, activity_id: UUID) -> dict[str, Any]:
    """The activity, locked, of one who may change it: who logged it, or who manages its board. Raises `Denied`."""
    require(actor, Permission.WORK_PIPELINE)
    activity = await load(actor, "activity", activity_id, for_update=True)
    check_may_change(actor, activity)
    return activity


def check_may_change(actor: Actor, activity: Mapping[str, Any]) -> None:
    if not may_change(actor, activity):
        raise Denied(_("Only who logged this, or the manager of their board, changes it."))


def may_change(actor: Actor, activity: Mapping[str, Any]) -> bool:
    if activity["kind"] not in LOGGED_KINDS or Role.AUDITOR in actor.roles or not may_work_for(actor, activity["board_id"]):
        return False
    return activity["logged_by"] == actor.account_id or may_manage(actor, activity["board_id"])


async def _write(act: Act, activity: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    await update_row("activity", activity["id"], after)
    # the words stay in the activity's own history: the record says which fields, for good
    act.record("activity", activity["id"], board_id=activity["board_id"], employer_id=activity["employer_id"], after={"changed": sorted(after)})


def _kept(values: Mapping[str, Any]) -> dict[str, Any]:
    """As the history keeps them."""
    return {name: _written(value) for name, value in values.items()}


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value) if isinstance(value, UUID) else value


def _read(name: str, value: Any) -> Any:
    if name == "at":
        return datetime.fromisoformat(value)
    return UUID(value) if name.endswith("_id") and value else value


def check_day(on: date | None, today: date) -> None:
    if on is not None and on > today:
        raise Invalid(_("This day is still to come. Make a task for it."), fields={"on": _("This day is still to come.")})


async def _check_contact(employer_id: UUID, form: ActivityForm) -> None:
    if form.contact_id is None:
        return
    known = await fetch_value(
        "select exists (select from affiliation where contact_id = $1 and employer_id = $2)", form.contact_id, employer_id
    )
    if not known:
        message = _("This person is not known at this employer. Add them there first.")
        raise Invalid(message, fields={"contact_id": message})


async def _check_site(employer_id: UUID, form: ActivityForm) -> None:
    if form.establishment_id is None:
        return
    if await fetch_one("select from establishment where id = $1 and employer_id = $2", form.establishment_id, employer_id) is None:
        message = _("This worksite is not one of this employer's. Add it there first.")
        raise Invalid(message, fields={"establishment_id": message})


def at_of(day: date | None, zone: str, today: date) -> datetime | None:
    """Noon of a past day in the agency's zone, so that the day stays itself everywhere; now for today."""
    return None if day is None or day == today else datetime.combine(day, time(12), ZoneInfo(zone))
