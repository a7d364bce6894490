"""Change many engagements at once: seen before it is done, and taken back as one."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct

from crm.access import Actor, Permission, load, require
from crm.actions import Act, acting
from crm.database import Record, execute, fetch_one, fetch_value
from crm.engagements.actions import own, put, take_back
from crm.engagements.checking import missing_for
from crm.engagements.forms import BulkChangeForm
from crm.errors import Conflict, Invalid, NotFound
from crm.translation import _

MOST = 500


class Outcome(Struct, frozen=True):
    """What becomes of one engagement: why it stays as it is, or nothing when it changes."""

    engagement: dict[str, Any]
    name: str
    stays: list[str]


async def preview(actor: Actor, chosen: Sequence[UUID], form: BulkChangeForm, *, lock: bool = False) -> list[Outcome]:
    """What would become of each; changes nothing. Raises `Invalid`, `Denied` and `NotFound`."""
    require(actor, Permission.WORK_PIPELINE)
    if not 0 < len(chosen) <= MOST:
        raise Invalid(_("Choose between 1 and %(most)s employers.") % {"most": MOST})
    target = await _target(form) if form.change == "move" else None
    return [await _outcome(actor, each, target, form, lock) for each in sorted(set(chosen))]


async def _target(form: BulkChangeForm) -> Record:
    found = await fetch_one("select * from stage where id = $1 and archived_at is null", form.stage_id)
    if found is None:
        raise Invalid(_("Choose the stage to move to."))
    return found


async def _outcome(actor: Actor, engagement_id: UUID, target: Record | None, form: BulkChangeForm, lock: bool) -> Outcome:
    engagement = await own(actor, engagement_id, lock=lock)
    name = await fetch_value("select name from employer where id = $1", engagement["employer_id"])
    if target is None:
        return Outcome(engagement, name, [_("They look after it already.")] if engagement["owner_id"] == form.owner_id else [])
    if engagement["pipeline_id"] != target["pipeline_id"]:
        return Outcome(engagement, name, [_("It stands on another pipeline.")])
    if engagement["stage_id"] == target["id"]:
        return Outcome(engagement, name, [_("It stands there already.")])
    return Outcome(engagement, name, await missing_for(engagement, target, form.reason))


async def change(actor: Actor, chosen: Sequence[UUID], form: BulkChangeForm) -> tuple[UUID, int]:
    """Change all that can be, in one transaction: the change, by which it is taken back, and how many changed."""
    async with acting(actor, "engagement.moved" if form.change == "move" else "engagement.planned") as act:
        changing = [each.engagement for each in await preview(actor, chosen, form, lock=True) if not each.stays]
        if not changing:
            raise Invalid(_("None of these can be changed so. Nothing was changed."))
        if len({each["board_id"] for each in changing}) > 1:
            raise Invalid(_("Choose employers of one board."))
        target = await _target(form) if form.change == "move" else None
        rows = []
        for engagement in changing:
            if target is not None:
                move_id = await put(act, engagement, target, form.reason.strip())
                rows.append({"id": str(engagement["id"]), "before": {}, "after": {"move_id": str(move_id)}})
            else:
                before = engagement["owner_id"]
                await _give(act, engagement, form.owner_id)
                rows.append({"id": str(engagement["id"]), "before": {"owner_id": before and str(before)},
                             "after": {"owner_id": form.owner_id and str(form.owner_id)}})  # fmt: skip
        change_id: UUID = await fetch_value(
            "insert into bulk_change (kind, board_id, rows, made_by) values ($1, $2, $3, $4) returning id",
            form.change, changing[0]["board_id"], rows, actor.account_id,
        )  # fmt: skip
    return change_id, len(rows)


async def undo(actor: Actor, change_id: UUID) -> tuple[int, int]:
    """Take a change back; how many, and how many stay because someone changed them since."""
    require(actor, Permission.WORK_PIPELINE)
    async with acting(actor, "engagement.move_undone") as act:
        made = await load(actor, "bulk_change", change_id, for_update=True)
        if made["kind"] not in ("move", "give"):
            raise NotFound(_("This page does not exist, or it is not yours to see."))
        if made["undone_at"] is not None:
            raise Conflict(_("This was taken back already."))
        undone = 0
        for row in made["rows"]:
            engagement = await own(actor, UUID(row["id"]))
            if made["kind"] == "move":
                move = await fetch_one("select * from stage_move where id = $1", UUID(row["after"]["move_id"]))
                undone += move is not None and await take_back(act, engagement, move)
            elif (engagement["owner_id"] and str(engagement["owner_id"])) == row["after"]["owner_id"]:
                await _give(act, engagement, row["before"]["owner_id"] and UUID(row["before"]["owner_id"]))
                undone += 1
        await execute("update bulk_change set undone_at = now() where id = $1", change_id)
        if not undone:
            act.unchanged()
    return undone, len(made["rows"]) - undone


async def _give(act: Act, engagement: dict[str, Any], owner_id: UUID | None) -> None:
    await execute("update engagement set owner_id = $2, updated_at = now(), version = version + 1 where id = $1",
                  engagement["id"], owner_id)  # fmt: skip
    act.record("engagement", engagement["id"], board_id=engagement["board_id"], employer_id=engagement["employer_id"],
               before={"owner_id": engagement["owner_id"]}, after={"owner_id": owner_id})  # fmt: skip
