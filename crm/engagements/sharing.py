"""What a board lets another see of its work with an employer: all that it wrote, one entry, or single facts; for a purpose, until a day."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from crm.access import Actor, Permission, load, may_work_for, require, visible
from crm.actions import Act, acting
from crm.database import Record, execute, fetch, fetch_value
from crm.engagements.forms import PARTS, ShareActivityForm, ShareForm
from crm.errors import Denied, Invalid
from crm.sql import Sql
from crm.translation import _

LONGEST = timedelta(days=366)


async def other_boards(actor: Actor) -> list[tuple[str, str]]:
    """Boards besides one's own, to choose from."""
    rows = await fetch("select id, name from board where id is distinct from $1 order by name", actor.home_board)
    return [(str(row["id"]), row["name"]) for row in rows]


async def share(actor: Actor, employer_id: UUID, form: ShareForm, today: date) -> list[UUID]:
    """Let another board read what one's own wrote of this employer, see single facts of where it stands, or both; the shares made."""
    require(actor, Permission.WORK_PIPELINE)
    from_board = _from_board(actor, form, today)
    parts = [part for part in PARTS if getattr(form, part)]
    if not form.timeline and not parts:
        message = _("Choose what they may see.")
        raise Invalid(message, fields={"timeline": message})
    made = []
    async with acting(actor, "timeline.shared") as act:
        await load(actor, "employer", employer_id)
        await load(actor, "board", form.board_id)
        whose = (employer_id, from_board, form.board_id, form.purpose, form.until, actor.account_id)
        if form.timeline:
            share_id = await fetch_value(
                "insert into shared_timeline (employer_id, from_board_id, to_board_id, purpose, until, made_by) "
                "values ($1, $2, $3, $4, $5, $6) returning id", *whose,
            )  # fmt: skip
            made.append(_told(act, "shared_timeline", share_id, whose, {}))
        if parts:
            share_id = await fetch_value(
                "insert into shared_part (employer_id, from_board_id, to_board_id, purpose, until, made_by, parts) "
                "values ($1, $2, $3, $4, $5, $6, $7) returning id", *whose, parts,
            )  # fmt: skip
            made.append(_told(act, "shared_part", share_id, whose, {"parts": parts}))
    return made


async def share_activity(actor: Actor, activity_id: UUID, form: ShareActivityForm, today: date) -> UUID:
    """Let another board read one entry of one's own board's timeline."""
    require(actor, Permission.WORK_PIPELINE)
    _from_board(actor, form, today)
    async with acting(actor, "timeline.shared") as act:
        activity = await own_activity(actor, activity_id)
        await load(actor, "board", form.board_id)
        whose = (activity["employer_id"], activity["board_id"], form.board_id, form.purpose, form.until, actor.account_id)
        share_id = await fetch_value(
            "insert into shared_part (employer_id, from_board_id, to_board_id, purpose, until, made_by, activity_id) "
            "values ($1, $2, $3, $4, $5, $6, $7) returning id", *whose, activity_id,
        )  # fmt: skip
        return _told(act, "shared_part", share_id, whose, {"activity": activity_id})


async def own_activity(actor: Actor, activity_id: UUID) -> dict[str, Any]:
    """An entry that the actor's board wrote. Raises `NotFound` and `Denied`."""
    activity = await load(actor, "activity", activity_id)
    if activity["board_id"] is None or not may_work_for(actor, activity["board_id"]):
        raise Denied(_("Only the board that wrote this shares it."))
    return activity


def _from_board(actor: Actor, form: ShareActivityForm, today: date) -> UUID:
    board_id = actor.home_board
    if board_id is None or form.board_id == board_id:
        message = _("Choose another board to share with.")
        raise Invalid(message, fields={"board_id": message})
    if not today <= form.until <= today + LONGEST:
        message = _("Choose a day within the next year.")
        raise Invalid(message, fields={"until": message})
    return board_id


def _told(act: Act, kind: str, share_id: UUID, whose: tuple[Any, ...], what: Mapping[str, Any]) -> UUID:
    employer_id, from_board, to_board, purpose, until, _who = whose
    act.record(kind, share_id, board_id=from_board, employer_id=employer_id, after={"to": to_board, "purpose": purpose, "until": until, **what})
    return share_id


async def unshare(actor: Actor, share_id: UUID) -> None:
    """End a share of the whole timeline."""
    await _end(actor, "shared_timeline", share_id)


async def unshare_part(actor: Actor, share_id: UUID) -> None:
    """End a share of one entry or of single facts."""
    await _end(actor, "shared_part", share_id)


async def _end(actor: Actor, table: str, share_id: UUID) -> None:
    require(actor, Permission.WORK_PIPELINE)
    async with acting(actor, "timeline.share_ended") as act:
        row = await load(actor, table, share_id, for_update=True)
        if not may_work_for(actor, row["from_board_id"]):
            raise Denied(_("Only the board that shares ends it."))
        if row["revoked_at"] is not None:
            act.unchanged()
            return
        await execute(f"update {table} set revoked_at = now() where id = $1", share_id)
        act.record(table, share_id, board_id=row["from_board_id"], employer_id=row["employer_id"])


async def standing(actor: Actor, employer_id: UUID, today: date) -> list[Record]:
    """Every share of this employer that holds and concerns the actor, the first to end first."""
    return await fetch(
        Sql("select s.*, f.name as from_board, t.name as to_board, y.summary, y.summary_words from ("
            "select h.id, h.from_board_id, h.to_board_id, h.purpose, h.until, null::uuid as activity_id, null::text[] as parts from shared_timeline h "
            "where h.employer_id = {} and h.revoked_at is null and h.until >= {} and {} "
            "union all select h.id, h.from_board_id, h.to_board_id, h.purpose, h.until, h.activity_id, h.parts from shared_part h "
            "where h.employer_id = {} and h.revoked_at is null and h.until >= {} and {}) s "
            "join board f on f.id = s.from_board_id join board t on t.id = s.to_board_id "
            "left join activity y on y.id = s.activity_id and {} order by s.until, s.id limit 100",
            employer_id, today, visible(actor, "shared_timeline", "h"), employer_id, today, visible(actor, "shared_part", "h"),
            visible(actor, "activity", "y"))  # fmt: skip
    )
