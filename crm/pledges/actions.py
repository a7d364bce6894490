"""The verbs of a pledge: record, change, withdraw, and count what became of its slots."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from crm.access import Actor, Permission, Role, load, may_work_for, require
from crm.actions import acting
from crm.database import execute, fetch_one, fetch_value, insert_many, update_row
from crm.errors import Conflict, Denied, Invalid
from crm.pledges.forms import PledgeForm, ProgressForm
from crm.pledges.rules import STEPS, TooMany, Totals, check_totals
from crm.translation import _

FIELDS = ("drive_id", "kind", "slots", "pay", "payer", "establishment_id", "contact_id", "first_day", "last_day", "least_age", "open_to",
          "access_note", "note", "pledged_on")  # fmt: skip


async def add(actor: Actor, employer_id: UUID, form: PledgeForm, *, today: date) -> UUID:
    """An employer's pledge, kept by the board whose drive it is, or by one's own in a drive of the state's."""
    require(actor, Permission.WORK_PIPELINE)
    async with acting(actor, "pledge.added") as act:
        await load(actor, "employer", employer_id)
        drive = await load(actor, "pledge_drive", form.drive_id)
        board_id = _board_for(actor, drive)
        after = await _checked(employer_id, form, today)
        pledge_id = uuid4()
        await insert_many("pledge", ("id", "board_id", "employer_id", "made_by", *after), [(pledge_id, board_id, employer_id, actor.account_id, *after.values())])
        act.record("pledge", pledge_id, board_id=board_id, employer_id=employer_id, after={"kind": form.kind, "slots": form.slots})
        act.event("pledge_added", pledge_id=pledge_id, employer_id=employer_id, board_id=board_id)
    return pledge_id


async def change(actor: Actor, pledge_id: UUID, form: PledgeForm, *, today: date) -> None:
    """Raises `Conflict` when someone changed it meanwhile, or when fewer slots are left than were matched."""
    async with acting(actor, "pledge.changed") as act:
        old = await own(actor, pledge_id)
        if old["version"] != form.version:
            raise Conflict(_("Someone changed this pledge meanwhile. Look at it again."))
        drive = await load(actor, "pledge_drive", form.drive_id)
        if drive["board_id"] not in (None, old["board_id"]):
            raise Invalid(_("Choose a drive of your own board or of the state."), fields={"drive_id": _("Choose a drive of your own board or of the state.")})
        _refuse(check_totals(Totals(form.slots, *(old[step] for step in STEPS))), field="slots")
        values = await _checked(old["employer_id"], form, today)
        after = {name: value for name, value in values.items() if old[name] != value}
        if not after:
            act.unchanged()
            return
        await update_row("pledge", pledge_id, after)
        act.record("pledge", pledge_id, board_id=old["board_id"], employer_id=old["employer_id"],
                   before={name: old[name] for name in after}, after=after)  # fmt: skip


async def withdraw(actor: Actor, pledge_id: UUID, reason: str) -> UUID:
    """They will not offer it after all; the employer's id. What was matched already stays promised: then the slots are lowered instead."""
    async with acting(actor, "pledge.withdrawn") as act:
        old = await own(actor, pledge_id)
        if old["withdrawn_at"] is not None:
            raise Conflict(_("This pledge was withdrawn already."))
        if old["matched"]:
            raise Invalid(_("%(count)s of its slots are matched. Lower its slots to that number instead, or take the matches back first.") % {"count": old["matched"]})
        await execute("update pledge set withdrawn_at = now(), withdrawn_by = $2, withdraw_reason = $3, version = version + 1 where id = $1",
                      pledge_id, actor.account_id, reason)  # fmt: skip
        act.record("pledge", pledge_id, board_id=old["board_id"], employer_id=old["employer_id"], after={"withdrawn": reason})
    return UUID(str(old["employer_id"]))


async def bring_back(actor: Actor, pledge_id: UUID) -> None:
    async with acting(actor, "pledge.restored") as act:
        old = await own(actor, pledge_id)
        if old["withdrawn_at"] is None:
            act.unchanged()
            return
        await execute("update pledge set withdrawn_at = null, withdrawn_by = null, withdraw_reason = '', version = version + 1 where id = $1", pledge_id)
        act.record("pledge", pledge_id, board_id=old["board_id"], employer_id=old["employer_id"])


async def count(actor: Actor, pledge_id: UUID, form: ProgressForm, *, today: date) -> UUID:
    """So many slots more, or fewer, were matched, started or completed on a day; the entry's id."""
    if form.change == 0:
        raise Invalid(_("Say how many."), fields={"change": _("Say how many.")})
    if form.on_day is not None and form.on_day > today:
        raise Invalid(_("This day is still to come."), fields={"on_day": _("This day is still to come.")})
    async with acting(actor, "pledge.counted") as act:
        pledge = await own(actor, pledge_id)
        if pledge["withdrawn_at"] is not None:
            raise Conflict(_("This pledge was withdrawn. Bring it back first."))
        _refuse(check_totals(_totals(pledge, form.step, form.change)), field="change")
        entry_id: UUID = await fetch_value(
            "insert into pledge_progress (pledge_id, board_id, step, change, on_day, note, recorded_by) values ($1, $2, $3, $4, $5, $6, $7) returning id",
            pledge_id, pledge["board_id"], form.step, form.change, form.on_day or today, form.note, actor.account_id,
        )  # fmt: skip
        act.record("pledge", pledge_id, board_id=pledge["board_id"], employer_id=pledge["employer_id"], after={form.step: form.change})
    return entry_id


async def take_back(actor: Actor, entry_id: UUID, *, again: bool = False) -> UUID:
    """An entry does not count any more, or counts again; the pledge's id."""
    async with acting(actor, "pledge.counted" if again else "pledge.count_undone") as act:
        found = await load(actor, "pledge_progress", entry_id)
        pledge = await own(actor, found["pledge_id"])
        entry = await load(actor, "pledge_progress", entry_id, for_update=True)
        if (entry["undone_at"] is None) is again:
            act.unchanged()
            return UUID(str(pledge["id"]))
        change = entry["change"] if again else -entry["change"]
        _refuse(check_totals(_totals(pledge, entry["step"], change)))
        await execute("update pledge_progress set undone_at = case when $2 then null else now() end, undone_by = $3 where id = $1",
                      entry_id, again, actor.account_id)  # fmt: skip
        act.record("pledge", pledge["id"], board_id=pledge["board_id"], employer_id=pledge["employer_id"], after={entry["step"]: change})
    return UUID(str(pledge["id"]))


async def own(actor: Actor, pledge_id: UUID) -> dict[str, Any]:
    """The pledge, held until the action ends. Raises `Denied` for another board's, and `NotFound`."""
    require(actor, Permission.WORK_PIPELINE)
    pledge = await load(actor, "pledge", pledge_id, for_update=True)
    if not may_work_for(actor, pledge["board_id"]):
        raise Denied(_("This pledge belongs to another board."))
    return pledge


def _board_for(actor: Actor, drive: Mapping[str, Any]) -> UUID:
    board_id = drive["board_id"] or actor.home_board
    if board_id is None:
        raise Invalid(_("A pledge is kept by a board, and you work for none."), fields={"drive_id": _("Choose a board's drive.")})
    if not may_work_for(actor, board_id) or Role.AUDITOR in actor.roles:
        raise Denied(_("This drive belongs to another board."))
    return UUID(str(board_id))


async def _checked(employer_id: UUID, form: PledgeForm, today: date) -> dict[str, Any]:
    """The columns of a pledge. Raises `Invalid` for days, a worksite or a person that do not fit."""
    wrong: dict[str, str] = {}
    if form.first_day and form.last_day and form.last_day < form.first_day:
        wrong["last_day"] = _("The last day comes before the first.")
    if form.pledged_on and form.pledged_on > today:
        wrong["pledged_on"] = _("This day is still to come.")
    known = await fetch_one(
        "select ($2::uuid is null or exists (select from establishment where employer_id = $1 and id = $2)) as site, "
        "($3::uuid is null or exists (select from affiliation where employer_id = $1 and contact_id = $3)) as person",
        employer_id, form.establishment_id, form.contact_id,
    )  # fmt: skip
    assert known is not None
    if not known["site"]:
        wrong["establishment_id"] = _("This worksite is not one of this employer's.")
    if not known["person"]:
        wrong["contact_id"] = _("This person is not known at this employer. Add them there first.")
    if wrong:
        raise Invalid(" ".join(wrong.values()), fields=wrong)
    return {name: getattr(form, name) for name in FIELDS} | {"pledged_on": form.pledged_on or today}


def _totals(pledge: Mapping[str, Any], step: str, change: int) -> Totals:
    return Totals(pledge["slots"], *(pledge[name] + (change if name == step else 0) for name in STEPS))


def _refuse(found: TooMany | None, field: str = "") -> None:
    """Raises `Invalid` with the numbers."""
    if found is None:
        return
    values = {"count": found.would_be, "most": found.most}
    if found.would_be < 0:
        message = _("That would leave fewer than none.")
    else:
        message = {
            "matched": _("That would make %(count)s matched slots, and %(most)s are pledged."),
            "started": _("That would make %(count)s slots started, and %(most)s are matched. Count the matches first."),
            "completed": _("That would make %(count)s slots completed, and %(most)s have started. Count those that started first."),
        }[found.step] % values  # fmt: skip
    raise Invalid(message, fields={field: message} if field else {})
