"""The verbs of the pipeline: start, move, undo, plan the next step."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from crm.access import Actor, Permission, Role, load, may_work_for, require
from crm.actions import Act, acting
from crm.database import Record, execute, fetch_one, fetch_value
from crm.engagements.checking import check_move
from crm.engagements.forms import NextStepForm, StageMoveForm
from crm.engagements.pipelines import RECRUIT, stages
from crm.engagements.rules import NO_REASON
from crm.errors import Conflict, Denied, Invalid, NotFound
from crm.translation import _


async def start(actor: Actor, employer_id: UUID, board_id: UUID | None = None, pipeline: str = RECRUIT) -> UUID:
    """Put an employer on a board's pipeline (by its code), in its first stage; where it is already, that engagement."""
    require(actor, Permission.WORK_PIPELINE)
    board = board_id or actor.home_board
    if board is None:
        raise Invalid(_("Choose the board whose pipeline this employer joins."))
    if not may_work_for(actor, board):
        raise Denied(_("You work on your own board's pipeline."))
    async with acting(actor, "engagement.started") as act:
        await load(actor, "employer", employer_id)
        await load(actor, "board", board)
        first = (await stages(board, pipeline))[0]
        engagement_id = await fetch_value(
            "insert into engagement (employer_id, board_id, pipeline_id, stage_id, owner_id) values ($1, $2, $3, $4, $5) "
            "on conflict (employer_id, board_id, pipeline_id) where archived_at is null do nothing returning id",
            employer_id, board, first["pipeline_id"], first["id"], actor.account_id,
        )  # fmt: skip
        if engagement_id is None:
            act.unchanged()
            known: UUID = await fetch_value(
                "select id from engagement where employer_id = $1 and board_id = $2 and pipeline_id = $3 "
                "and archived_at is null",
                employer_id, board, first["pipeline_id"],
            )  # fmt: skip
            return known
        await _keep_move(act, engagement_id, None, first["id"], "")
        act.record("engagement", engagement_id, board_id=board, employer_id=employer_id)
        act.event("engagement_started", engagement_id=engagement_id, employer_id=employer_id, board_id=board)
    return UUID(str(engagement_id))


async def move(actor: Actor, engagement_id: UUID, form: StageMoveForm) -> dict[str, Any]:
    """Move an engagement to another stage; the engagement as it is now, with the id of the move for undo.

    Raises `Invalid` with every reason why it cannot be there yet, `Conflict` when someone moved it meanwhile.
    """
    require(actor, Permission.WORK_PIPELINE)
    async with acting(actor, "engagement.moved") as act:
        engagement = await own(actor, engagement_id)
        target = await _stage(engagement["pipeline_id"], form.stage_id)
        if form.version is not None and form.version != engagement["version"]:
            await _refuse_stale(engagement)
        if target["id"] == engagement["stage_id"]:
            act.unchanged()
            return engagement | {"move_id": None, "stage": dict(target)}
        await check_move(actor, engagement, target, form.reason)
        move_id = await put(act, engagement, target, form.reason.strip())
        return engagement | {"version": engagement["version"] + 1, "move_id": move_id, "stage": dict(target)}


async def put(act: Act, engagement: Mapping[str, Any], target: Record, reason: str) -> UUID:
    """The engagement in the stage, inside the open action; the id of the move."""
    await execute(
        "update engagement set stage_id = $2, stage_since = now(), reason = $3, updated_at = now(), "
        "version = version + 1 where id = $1",
        engagement["id"], target["id"], "" if target["kind"] in NO_REASON else reason,
    )  # fmt: skip
    move_id = await _keep_move(act, engagement["id"], engagement["stage_id"], target["id"], reason)
    _tell(act, engagement, target["id"], move_id)
    return move_id


async def undo_move(actor: Actor, move_id: UUID) -> dict[str, Any]:
    """Take the latest move back. Raises `Conflict` when another move came after it."""
    require(actor, Permission.WORK_PIPELINE)
    async with acting(actor, "engagement.move_undone") as act:
        made = await fetch_one("select * from stage_move where id = $1", move_id)
        if made is None:
            raise NotFound(_("This move is not there any more."))
        engagement = await own(actor, made["engagement_id"])
        if made["from_stage_id"] is None:
            raise Invalid(_("This move cannot be undone."))
        if not await take_back(act, engagement, made):
            raise Conflict(_("Someone has moved this employer since. Look at it again."))
        return engagement | {"version": engagement["version"] + 1}


async def take_back(act: Act, engagement: Mapping[str, Any], made: Record) -> bool:
    """The engagement where it was before the move, inside the open action; False when it was moved since."""
    newest = await fetch_value(
        "select id from stage_move where engagement_id = $1 and undone_at is null order by at desc, id limit 1", engagement["id"]
    )
    if newest != made["id"] or made["undone_at"] is not None:
        return False
    await execute("update stage_move set undone_at = now() where id = $1", made["id"])
    await execute(
        "update engagement set stage_id = $2, updated_at = now(), version = version + 1, "
        "reason = coalesce((select m.reason from stage_move m join stage s on s.id = m.to_stage_id and s.kind not in ('open', 'done') "
        "where m.engagement_id = $1 and m.undone_at is null and m.to_stage_id = $2 order by m.at desc limit 1), ''), "
        "stage_since = coalesce((select max(at) from stage_move where engagement_id = $1 and undone_at is null "
        "and to_stage_id = $2), created_at) where id = $1",
        engagement["id"], made["from_stage_id"],
    )  # fmt: skip
    await execute(
        "update activity set removed_at = now() where engagement_id = $1 and kind = 'stage_move' "
        "and removed_at is null and body = $2",
        engagement["id"], str(made["id"]),
    )  # fmt: skip
    _tell(act, engagement, made["from_stage_id"], made["id"])
    return True


async def plan(actor: Actor, engagement_id: UUID, form: NextStepForm) -> None:
    """Set the next step, its day, the slots and who looks after the employer."""
    require(actor, Permission.WORK_PIPELINE)
    async with acting(actor, "engagement.planned") as act:
        old = await own(actor, engagement_id)
        if form.version != old["version"]:
            await _refuse_stale(old)
        after = {"next_step": form.next_step, "next_step_due": form.next_step_due, "slots": form.slots,
                 "owner_id": form.owner_id}  # fmt: skip
        before = {key: old[key] for key in after if old[key] != after[key]}
        if not before:
            act.unchanged()
            return
        await execute(
            "update engagement set next_step = $2, next_step_due = $3, slots = $4, owner_id = $5, updated_at = now(), "
            "version = version + 1 where id = $1",
            engagement_id, form.next_step, form.next_step_due, form.slots, form.owner_id,
        )  # fmt: skip
        act.record("engagement", engagement_id, board_id=old["board_id"], employer_id=old["employer_id"],
                   before=before, after={key: after[key] for key in before})  # fmt: skip


async def own(actor: Actor, engagement_id: UUID, *, lock: bool = True) -> dict[str, Any]:
    """The engagement, locked. Raises `Denied` for another board's, and `NotFound`."""
    engagement = await load(actor, "engagement", engagement_id, for_update=lock)
    if not may_work_for(actor, engagement["board_id"]) or Role.AUDITOR in actor.roles:
        raise Denied(_("You work on your own board's pipeline."))
    return engagement


async def _stage(pipeline_id: UUID, stage_id: UUID) -> Record:
    found = await fetch_one("select * from stage where id = $1 and pipeline_id = $2 and archived_at is null", stage_id, pipeline_id)
    if found is None:
        raise Invalid(_("That stage is not one of this pipeline."))
    return found


async def _refuse_stale(engagement: dict[str, Any]) -> None:
    stage = await fetch_one("select name_en from stage where id = $1", engagement["stage_id"])
    raise Conflict(
        _("Someone changed this employer's engagement meanwhile. It stands at '%(stage)s' now. Look, then try again.")
        % {"stage": stage["name_en"] if stage else ""}
    )


async def _keep_move(act: Act, engagement_id: UUID, old: UUID | None, new: UUID, reason: str) -> UUID:
    move_id: UUID = await fetch_value(
        "insert into stage_move (engagement_id, from_stage_id, to_stage_id, reason, moved_by) "
        "values ($1, $2, $3, $4, $5) returning id",
        engagement_id, old, new, reason, act.actor.account_id,
    )  # fmt: skip
    # the timeline's line; its body keeps the move's id, so that undo finds it
    await execute(
        "insert into activity (employer_id, board_id, engagement_id, kind, summary, body, logged_by) "
        "select e.employer_id, e.board_id, e.id, 'stage_move', s.code, $3, $4 from engagement e, stage s "
        "where e.id = $1 and s.id = $2",
        engagement_id, new, str(move_id), act.actor.account_id,
    )  # fmt: skip
    return move_id


def _tell(act: Act, engagement: Mapping[str, Any], stage_id: UUID, move_id: UUID) -> None:
    act.record("engagement", engagement["id"], board_id=engagement["board_id"], employer_id=engagement["employer_id"],
               before={"stage_id": engagement["stage_id"]}, after={"stage_id": stage_id})  # fmt: skip
    act.event("stage_moved", engagement_id=engagement["id"], employer_id=engagement["employer_id"], move_id=move_id)
