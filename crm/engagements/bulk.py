"""Change many engagements at once: where they stand, or who looks after them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from crm import bulk
from crm.access import Actor, Permission, require
from crm.actions import Act, acting
from crm.bulk import Outcome
from crm.database import Record, execute, fetch_one, fetch_value
from crm.engagements.actions import own, put, take_back
from crm.engagements.checking import missing_for
from crm.engagements.forms import BulkChangeForm
from crm.errors import Invalid
from crm.translation import _


async def preview(actor: Actor, chosen: Sequence[UUID], form: BulkChangeForm, *, lock: bool = False) -> list[Outcome]:
    """What would become of each; changes nothing. Raises `Invalid`, `Denied` and `NotFound`."""
    require(actor, Permission.WORK_PIPELINE)
    listed = bulk.check_count(chosen)
    target = await _target(form) if form.change == "move" else None
    return [await _outcome(actor, each, target, form, lock) for each in listed]


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
        changing = bulk.changing(await preview(actor, chosen, form, lock=True))
        if len({each["board_id"] for each in changing}) > 1:
            raise Invalid(_("Choose employers of one board."))
        target = await _target(form) if form.change == "move" else None
        rows = []
        for engagement in changing:
            if target is not None:
                move_id = await put(act, dict(engagement), target, form.reason.strip())
                rows.append({"id": str(engagement["id"]), "before": {}, "after": {"move_id": str(move_id)}})
            else:
                before = engagement["owner_id"]
                await _give(act, engagement, form.owner_id)
                rows.append({"id": str(engagement["id"]), "before": {"owner_id": before and str(before)},
                             "after": {"owner_id": form.owner_id and str(form.owner_id)}})  # fmt: skip
        change_id = await bulk.keep(actor, form.change, changing[0]["board_id"], rows)
    return change_id, len(rows)


async def undo(actor: Actor, change_id: UUID) -> tuple[int, int]:
    """Take a change back; how many, and how many stay because someone changed them since."""
    require(actor, Permission.WORK_PIPELINE)

    async def back(act: Act, kind: str, row: Mapping[str, Any]) -> bool:
        engagement = await own(actor, UUID(row["id"]))
        if kind == "move":
            move = await fetch_one("select * from stage_move where id = $1", UUID(row["after"]["move_id"]))
            return move is not None and await take_back(act, engagement, move)
        if (engagement["owner_id"] and str(engagement["owner_id"])) != row["after"]["owner_id"]:
            return False
        await _give(act, engagement, row["before"]["owner_id"] and UUID(row["before"]["owner_id"]))
        return True

    return await bulk.undo(actor, change_id, "engagement.move_undone", ("move", "give"), back)


async def _give(act: Act, engagement: Mapping[str, Any], owner_id: UUID | None) -> None:
    await execute("update engagement set owner_id = $2, updated_at = now(), version = version + 1 where id = $1",
                  engagement["id"], owner_id)  # fmt: skip
    act.record("engagement", engagement["id"], board_id=engagement["board_id"], employer_id=engagement["employer_id"],
               before={"owner_id": engagement["owner_id"]}, after={"owner_id": owner_id})  # fmt: skip
