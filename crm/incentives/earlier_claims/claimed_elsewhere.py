"""What an employer claimed elsewhere, told by hand with its source and its day: kept, taken out, put back."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from crm.access import Actor, Permission, load, may_work_for, require
from crm.actions import acting
from crm.database import execute, insert_many
from crm.errors import Denied, Invalid
from crm.incentives import installed
from crm.incentives.forms import ClaimedForm
from crm.incentives.secrecy import holds_number
from crm.rulebook.programs import Program
from crm.translation import _

LARGEST, MOST_PEOPLE = 100_000_000, 1_000_000  # dollars and people of one program and year
OF_ONE_EMPLOYER = ("employer_year", "employer_lifetime", "person_lifetime")  # limits that an employer's own claims use up


def limited(state: str = "") -> list[Program]:
    """The programs that limit what one employer gets: the federal ones and those of the state, or all that are installed."""
    found = installed.programs_for(state) if state else list(installed.library().programs.values())
    return [program for program in found if any(limit.level in OF_ONE_EMPLOYER for limit in program.limits)]


async def add(actor: Actor, employer_id: UUID, form: ClaimedForm, today: date) -> UUID:
    """Its id. Raises `Invalid` for what does not fit, and `Denied`."""
    require(actor, Permission.ESTIMATE)
    async with acting(actor, "claimed_elsewhere.told") as act:
        employer = await load(actor, "employer", employer_id)
        board_id = keeper(actor, employer)
        if board_id is None or not may_work_for(actor, board_id):
            raise Denied(_("Only a board keeps this, and you work for none."))
        values = _checked(form, today)
        told_id = uuid4()
        row = {"id": told_id, "employer_id": employer_id, "board_id": board_id, "told_by": actor.account_id, **values}
        await insert_many("claimed_elsewhere", tuple(row), [tuple(row.values())])
        act.record("claimed_elsewhere", told_id, board_id=board_id, employer_id=employer_id, after=values)
        act.event("claimed_elsewhere_told", employer_id=employer_id)
    return told_id


async def take_out(actor: Actor, told_id: UUID, *, restore: bool = False) -> UUID:
    """It counts no more, or again; the employer's id."""
    require(actor, Permission.ESTIMATE)
    async with acting(actor, "claimed_elsewhere.restored" if restore else "claimed_elsewhere.removed") as act:
        told = await load(actor, "claimed_elsewhere", told_id, for_update=True)
        if not may_work_for(actor, told["board_id"]):
            raise Denied(_("This is another board's."))
        if (told["removed_at"] is None) is restore:
            act.unchanged()
        else:
            await execute("update claimed_elsewhere set removed_at = case when $2 then null else now() end, removed_by = case when $2 then null else $3::uuid end where id = $1",
                          told_id, restore, actor.account_id)  # fmt: skip
            act.record("claimed_elsewhere", told_id, board_id=told["board_id"], employer_id=told["employer_id"])
            act.event("claimed_elsewhere_told", employer_id=told["employer_id"])
    return UUID(str(told["employer_id"]))


def keeper(actor: Actor, employer: Mapping[str, Any]) -> UUID | None:
    """The board by which someone keeps and reads what an employer claimed."""
    found: UUID | None = actor.home_board or employer.get("board_id")
    return found


def _checked(form: ClaimedForm, today: date) -> dict[str, Any]:
    wrong: dict[str, str] = {}
    if form.program not in {program.id for program in limited()}:
        wrong["program"] = _("Choose one of the programs.")
    if form.amount is not None and not (form.amount.is_finite() and 0 <= form.amount <= LARGEST):
        wrong["amount"] = _("This amount cannot be. Write dollars and cents, as 2400 or 2400.50.")
    if form.people is not None and not 0 <= form.people <= MOST_PEOPLE:
        wrong["people"] = _("This number of people cannot be.")
    if form.on_day is not None and form.on_day > today:
        wrong["on_day"] = _("This day is still to come.")
    if holds_number(form.source):
        wrong["source"] = _("This looks like a Social Security number. It is never kept here: write initials.")
    if wrong:
        raise Invalid(" ".join(wrong.values()), fields=wrong)
    return {"program": form.program, "year": form.year, "amount": form.amount, "people": form.people, "source": form.source, "on_day": form.on_day or today}
