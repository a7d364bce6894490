"""One note on the timelines of many employers: seen before it is written, and taken back as one."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from msgspec import Struct, structs

from crm.access import Actor, Permission, load, require, visible
from crm.actions import acting
from crm.database import execute, fetch, fetch_value
from crm.engagements import activities, levels
from crm.engagements.forms import ActivityForm, NoteForm
from crm.errors import Conflict, Denied, Invalid, NotFound
from crm.sql import EMPTY, Sql
from crm.translation import _

MOST = 500


class Outcome(Struct, frozen=True):
    """What becomes of one employer: why it gets no note, or nothing when it gets one."""

    employer_id: UUID
    name: str
    stays: str


async def preview(actor: Actor, chosen: Sequence[UUID], *, lock: bool = False) -> list[Outcome]:
    """What would become of each that the actor may see, by name; changes nothing. Who is not shown gets none, and is not told of."""
    require(actor, Permission.WORK_PIPELINE)
    if not 0 < len(chosen) <= MOST:
        raise Invalid(_("Choose between 1 and %(most)s employers.") % {"most": MOST})
    rows = await fetch(
        Sql("select e.id, e.name, e.archived_at, e.merged_into from employer e where e.id = any({}) and {} order by e.name_folded, e.id {}",
            sorted(set(chosen), key=str), visible(actor, "employer", "e"), Sql("for key share") if lock else EMPTY)  # fmt: skip
    )
    return [Outcome(row["id"], row["name"], _why_not(row)) for row in rows]


def _why_not(employer: Any) -> str:
    if employer["merged_into"]:
        return _("It was merged into another employer.")
    return _("It is archived.") if employer["archived_at"] else ""


async def of_engagements(actor: Actor, chosen: Sequence[UUID]) -> list[UUID]:
    """The employers of cards of a pipeline that the actor may see."""
    rows = await fetch(Sql("select distinct g.employer_id from engagement g where g.id = any({}) and {}", list(chosen), visible(actor, "engagement", "g")))
    return [row["employer_id"] for row in rows]


async def write(actor: Actor, chosen: Sequence[UUID], form: NoteForm, *, zone: str, today: date) -> tuple[UUID, int]:
    """The note on each timeline, in one transaction: the change, by which it is taken back, and how many got it."""
    require(actor, Permission.WORK_PIPELINE)
    board_id = actor.home_board
    if board_id is None:
        raise Invalid(_("A note belongs to a board, and you work for none."))
    activities.check_day(form.on, today)
    async with acting(actor, "activity.logged") as act:
        taken = [each.employer_id for each in await preview(actor, chosen, lock=True) if not each.stays]
        if not taken:
            raise Invalid(_("None of these can get a note. Nothing was written."))
        said = ActivityForm(**structs.asdict(form))
        made = await activities.add_many(act, taken, board_id, said, at=activities.at_of(form.on, zone, today), day=form.on or today)
        await levels.refresh(taken, zone)
        change_id: UUID = await fetch_value(
            "insert into bulk_change (kind, board_id, rows, made_by) values ('note', $1, $2, $3) returning id",
            board_id, [{"id": str(each)} for each in made], actor.account_id,
        )  # fmt: skip
    return change_id, len(made)


async def undo(actor: Actor, change_id: UUID, *, zone: str) -> tuple[int, int]:
    """Off every timeline again; how many, and how many stay because someone changed them since."""
    require(actor, Permission.WORK_PIPELINE)
    async with acting(actor, "activity.removed") as act:
        made = await load(actor, "bulk_change", change_id, for_update=True)
        if made["kind"] != "note":
            raise NotFound(_("This page does not exist, or it is not yours to see."))
        if made["board_id"] not in actor.board_ids:
            raise Denied(_("Only the board that logged this removes it."))
        if made["undone_at"] is not None:
            raise Conflict(_("This was taken back already."))
        gone = await fetch(
            "update activity set removed_at = now(), version = version + 1 where id = any($1) and version = 1 and removed_at is null "
            "returning id, employer_id",
            [UUID(row["id"]) for row in made["rows"]],
        )
        for row in gone:
            act.record("activity", row["id"], board_id=made["board_id"], employer_id=row["employer_id"])
        if not gone:
            act.unchanged()
        await levels.refresh([row["employer_id"] for row in gone], zone)
        await execute("update bulk_change set undone_at = now() where id = $1", change_id)
    return len(gone), len(made["rows"]) - len(gone)
