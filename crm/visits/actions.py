"""The verbs of a visit: log it once, change it, keep what differs, settle it."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from crm import merging
from crm.access import Actor, Permission, load, may_work_for, require
from crm.actions import Act, acting
from crm.database import Record, execute, fetch_one, fetch_value, update_row
from crm.engagements import activities, tasks
from crm.engagements.forms import ActivityForm, TaskForm
from crm.errors import Conflict, Denied, Invalid, NotFound
from crm.translation import _
from crm.visits import wording
from crm.visits.forms import VisitFields, VisitForm
from crm.visits.rules import CHECKLIST, LINE_OUTCOMES, answered, combined_version, task_state

FIELDS = VisitFields.__struct_fields__
TOGETHER = frozenset({"on", "at"})

_VISIT = """
    select v.*, y.employer_id, y.establishment_id, y.contact_id, y.at, y.summary, y.body, y.version as line_version, y.removed_at, a.name as changed_by,
        t.title as task_title, t.done_at is not null as task_done, t.dropped_at is not null as task_dropped, t.version as task_version,
        n.title as next_title, n.due as next_due, n.dropped_at is not null as next_dropped, n.version as next_version
    from visit v join activity y on y.id = v.activity_id left join account a on a.id = coalesce(v.updated_by, v.account_id)
        left join task t on t.id = v.task_id left join task n on n.id = v.next_task_id
    where v.id = $1
"""


class Clock(msgspec.Struct, frozen=True):
    """The agency's zone, and what day it is there."""

    zone: str
    today: date

    def moment(self, on: date, at: str) -> datetime:
        return datetime.combine(on, time.fromisoformat(at), ZoneInfo(self.zone))

    def check(self, on: date) -> None:
        if on > self.today:
            told = _("This day is still to come. Make a task for it.")
            raise Invalid(told, fields={"on": told})


async def log_visit(actor: Actor, form: VisitForm, clock: Clock) -> tuple[UUID, bool]:
    """Log a visit for the actor's board; its id, and whether it is new: the same draft sent again changes nothing."""
    require(actor, Permission.WORK_PIPELINE)
    board_id = actor.home_board
    if board_id is None:
        raise Invalid(_("A visit belongs to a board, and you work for none."))
    clock.check(form.on)
    values = {name: getattr(form, name) for name in FIELDS}
    async with acting(actor, "visit.logged") as act:
        # two tabs may send one draft at once
        await execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", f"visit {actor.account_id} {form.draft_id}")
        if known := await drafted(actor, form.draft_id):
            act.unchanged()
            return known, False
        await load(actor, "employer", form.employer_id)
        if form.task_id is not None:
            await _check_task(actor, form.task_id, form.employer_id)
        activity_id = await activities.add(act, form.employer_id, board_id, _line(values), at=clock.moment(form.on, form.at), day=form.on)
        visit_id: UUID = await fetch_value(
            "insert into visit (activity_id, board_id, account_id, draft_id, outcome, notes, seen, task_id) "
            "values ($1, $2, $3, $4, $5, $6, $7, $8) returning id",
            activity_id, board_id, actor.account_id, form.draft_id, form.outcome, form.notes, answered(values), form.task_id,
        )  # fmt: skip
        visit = await _row(visit_id)
        # a task that someone dropped while the visit was under way stays as it is until a person decides
        done = form.task_done and not visit["task_dropped"]
        await _put_tasks(actor, visit, values, {"next_step", "task_done"} if done else {"next_step"}, clock.today)
        visit = await _row(visit_id)
        await execute("update visit set made_version = $2 where id = $1", visit_id, version_of(visit))
        act.record("visit", visit_id, board_id=board_id, employer_id=form.employer_id, after={"outcome": form.outcome})
    return visit_id, True


async def change_visit(actor: Actor, visit_id: UUID, fields: VisitFields, version: int, base: str, clock: Clock) -> list[str]:
    """Save what this person changed; the names of what others changed meanwhile. Raises `merging.EditConflict`.

    Version 0 is that of a device which never heard that its draft arrived.
    """
    clock.check(fields.on)
    async with acting(actor, "visit.changed") as act:
        visit = await own(actor, visit_id)
        values = {name: getattr(fields, name) for name in FIELDS}
        stale = version_of(visit) != (version or visit["made_version"])
        changes, kept = merging.merge(values_of(visit, clock), values, base, stale=stale, together=TOGETHER)
        await _write(act, visit, changes, clock)
    return kept


async def propose(actor: Actor, visit_id: UUID, draft_id: UUID, fields: Mapping[str, Any], base: str) -> UUID | None:
    """Keep a draft that differs from what others saved, for a person to settle; None where just this was settled before."""
    async with acting(actor, "visit.proposed") as act:
        visit = await own(actor, visit_id)
        settled = await fetch_value(
            "select exists (select from visit_proposal where account_id = $1 and draft_id = $2 and settled_at is not null "
            "and proposed = $3::jsonb and base = $4)",
            actor.account_id, draft_id, _plain(fields), base,
        )  # fmt: skip
        if settled:
            act.unchanged()
            return None
        proposal_id: UUID = await fetch_value(
            "insert into visit_proposal (visit_id, board_id, account_id, draft_id, proposed, base) values ($1, $2, $3, $4, $5, $6) "
            "on conflict (account_id, draft_id) where settled_at is null do update set proposed = excluded.proposed, "
            "base = excluded.base, made_at = now() returning id",
            visit_id, visit["board_id"], actor.account_id, draft_id, _plain(fields), base,
        )  # fmt: skip
        act.record("visit_proposal", proposal_id, board_id=visit["board_id"], employer_id=visit["employer_id"])
    return proposal_id


async def settle(actor: Actor, proposal_id: UUID, choices: Mapping[str, str], version: int, clock: Clock) -> UUID:
    """Of each field that both changed take theirs or mine, and of all others what was changed; the visit's employer.

    Raises `Invalid` while a field is not chosen, and `Conflict` when the visit was changed since it was shown.
    """
    async with acting(actor, "visit.settled") as act:
        proposal = await load(actor, "visit_proposal", proposal_id, for_update=True)
        if proposal["settled_at"] is not None:
            raise Conflict(_("This was settled already."))
        visit = await own(actor, proposal["visit_id"])
        if version_of(visit) != version:
            raise Conflict(_("Someone changed this visit meanwhile. Look at it again."))
        now = values_of(visit, clock)
        conflict = differing(now, proposal)
        if missing := [wording.label(name) for name in conflict if choices.get(name) not in ("theirs", "mine")]:
            raise Invalid(_("Choose which to keep: %(fields)s.") % {"fields": ", ".join(missing)})
        values = proposed_values(proposal) | {name: now[name] for name in conflict if choices[name] == "theirs"}
        base = merging.shown(merging.shown_before(proposal["base"]) | {name: now[name] for name in conflict})
        changes, _kept = merging.merge(now, values, base, stale=True)
        await _write(act, visit, changes, clock)
        await execute("update visit_proposal set settled_at = now(), settled_by = $2 where id = $1", proposal_id, actor.account_id)
        act.record("visit_proposal", proposal_id, board_id=visit["board_id"], employer_id=visit["employer_id"], after=dict(choices))
    return UUID(str(visit["employer_id"]))


def differing(now: Mapping[str, Any], proposal: Mapping[str, Any]) -> list[str]:
    """The fields of a proposal that both changed, in the order of the form."""
    try:
        merging.merge(now, proposed_values(proposal), proposal["base"], stale=True, together=TOGETHER)
    except merging.EditConflict as conflict:
        return [name for name in FIELDS if name in conflict.theirs]
    return []


def proposed_values(proposal: Mapping[str, Any]) -> dict[str, Any]:
    """What the draft says, as the fields are."""
    return msgspec.structs.asdict(msgspec.convert(proposal["proposed"], VisitFields, strict=False))


def values_of(visit: Mapping[str, Any], clock: Clock) -> dict[str, Any]:
    """The visit's fields as they are now, also those that live on as tasks."""
    local = visit["at"].astimezone(ZoneInfo(clock.zone))
    gone = visit["next_task_id"] is None or visit["next_dropped"]
    return {
        "establishment_id": visit["establishment_id"], "contact_id": visit["contact_id"], "on": local.date(), "at": f"{local:%H:%M}",
        "outcome": visit["outcome"], **{code: visit["seen"].get(code, "") for code in CHECKLIST}, "notes": visit["notes"],
        "next_step": "" if gone else visit["next_title"], "next_due": None if gone else visit["next_due"],
        "task_done": task_state(visit["task_done"], visit["task_dropped"]) if visit["task_id"] else False,
    }  # fmt: skip


def version_of(visit: Mapping[str, Any]) -> int:
    return combined_version(visit["version"], visit["line_version"], visit["task_version"], visit["next_version"])


async def drafted(actor: Actor, draft_id: UUID) -> UUID | None:
    """The visit that one's own draft became."""
    found: UUID | None = await fetch_value("select id from visit where account_id = $1 and draft_id = $2", actor.account_id, draft_id)
    return found


async def own(actor: Actor, visit_id: UUID) -> Record:
    """The visit with its line and its tasks, locked. Raises `Denied` for another board's, and `NotFound`."""
    require(actor, Permission.WORK_PIPELINE)
    visit = await load(actor, "visit", visit_id, for_update=True)
    if not may_work_for(actor, visit["board_id"]):
        raise Denied(_("Only the board that logged this changes it."))
    return await shown(visit_id)


async def shown(visit_id: UUID) -> Record:
    """The visit as it stands, of someone who may see it. Raises `NotFound` for one that was taken off the timeline."""
    found = await _row(visit_id)
    if found["removed_at"] is not None:
        raise NotFound(_("This visit was taken off the timeline."))
    return found


async def _row(visit_id: UUID) -> Record:
    found = await fetch_one(_VISIT, visit_id)
    assert found is not None
    return found


async def _check_task(actor: Actor, task_id: UUID, employer_id: UUID) -> None:
    task = await load(actor, "task", task_id, for_update=True)
    if task["employer_id"] != employer_id:
        raise Invalid(_("This task is about another employer."), fields={"task_done": _("This task is about another employer.")})


async def _write(act: Act, visit: Record, changes: Mapping[str, Any], clock: Clock) -> None:
    """The visit, its line and its tasks with these fields changed, inside the open action."""
    if not changes:
        act.unchanged()
        return
    now = values_of(visit, clock)
    after = {**now, **changes}
    line = _line(after)
    written = {name: getattr(line, name) for name in ("contact_id", "establishment_id", "outcome", "summary", "body")}
    if TOGETHER & changes.keys():
        written["at"] = clock.moment(after["on"], after["at"])
    if not wording.is_line(visit["summary"], visit["body"], now):  # someone wrote it anew by hand
        written = {name: value for name, value in written.items() if name not in ("summary", "body")}
    await update_row("activity", visit["activity_id"], written)
    await update_row("visit", visit["id"], {
        "outcome": after["outcome"], "notes": after["notes"], "seen": answered(after), "updated_by": act.actor.account_id,
    })  # fmt: skip
    await _put_tasks(act.actor, visit, after, changes.keys(), clock.today)
    act.record("visit", visit["id"], board_id=visit["board_id"], employer_id=visit["employer_id"],
               before={name: now[name] for name in changes}, after=changes)  # fmt: skip


def _line(values: Mapping[str, Any]) -> ActivityForm:
    """The visit as a line of the timeline, as everyone who reads activities knows it."""
    return ActivityForm(
        kind="visit", direction="out", summary=wording.summary(values), body=wording.body(values), contact_id=values["contact_id"],
        establishment_id=values["establishment_id"], outcome=LINE_OUTCOMES[values["outcome"]],
    )  # fmt: skip


async def _put_tasks(actor: Actor, visit: Record, after: Mapping[str, Any], changed: Collection[str], today: date) -> None:
    """What comes next becomes a task, and follows when it is changed here; the task that the visit was for is done, or not after all."""
    if {"next_step", "next_due"} & set(changed):
        await _put_next(actor, visit, after["next_step"], after["next_due"])
    if "task_done" in changed and visit["task_id"] is not None and after["task_done"] is not None:
        if visit["task_dropped"]:
            await tasks.drop_task(actor, visit["task_id"], restore=True)
        await tasks.finish_task(actor, visit["task_id"], today, undo=not after["task_done"])


async def _put_next(actor: Actor, visit: Record, title: str, due: date | None) -> None:
    task_id = visit["next_task_id"]
    if task_id is None:
        if title:
            made = await tasks.add_task(actor, TaskForm(title=title, due=due), employer_id=visit["employer_id"])
            await execute("update visit set next_task_id = $2 where id = $1", visit["id"], made)
        return
    if visit["next_dropped"] == bool(title):
        await tasks.drop_task(actor, task_id, restore=bool(title))
    if title:
        task = await load(actor, "task", task_id)
        form = TaskForm(title=title, due=due, note=task["note"], repeats=task["repeats"], assignee_id=task["assignee_id"])
        await tasks.change_task(actor, task_id, form, task["version"])


def _plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON keeps it."""
    kept: dict[str, Any] = msgspec.to_builtins(dict(fields))
    return kept
