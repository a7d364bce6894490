"""The board view: each stage with its total and its newest cards. A hot page: one query for all columns."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from crm.access import Actor, visible
from crm.database import Record, fetch, fetch_one
from crm.sql import TRUE, Sql, both

CARDS = 25


class Column(Struct, frozen=True):
    """A stage on the board: its cards, how many there are in all, and where the next page starts."""

    stage: Record
    cards: list[Record]
    total: int


async def stages(board_id: UUID) -> list[Record]:
    """The stages of the board's recruiting pipeline, in order."""
    return await fetch(
        "select s.* from stage s join pipeline p on p.id = s.pipeline_id where p.archived_at is null and p.code = "
        "'recruit' and (p.board_id = $1 or (p.board_id is null and not exists (select from pipeline o "
        "where o.board_id = $1 and o.code = 'recruit' and o.archived_at is null))) order by s.position",
        board_id,
    )


async def columns(actor: Actor, board_id: UUID, *, owner_id: UUID | None = None) -> list[Column]:
    """Every column of the board, each with its first cards."""
    listed = await stages(board_id)
    ids = [stage["id"] for stage in listed]
    where = _narrowed(actor, board_id, owner_id)
    totals = {
        row["stage_id"]: row["total"]
        for row in await fetch(Sql("select g.stage_id, count(*) as total from engagement g where {} group by 1", where))
    }
    cards = await fetch(
        Sql(f"select c.* from unnest({{}}::uuid[]) stage (id) cross join lateral ({{}} limit {CARDS}) c",
            ids, _cards(actor, both([where, Sql("g.stage_id = stage.id")])))  # fmt: skip
    )
    by_stage: dict[UUID, list[Record]] = {}
    for card in cards:
        by_stage.setdefault(card["stage_id"], []).append(card)
    return [Column(stage, by_stage.get(stage["id"], []), totals.get(stage["id"], 0)) for stage in listed]


async def more_cards(
    actor: Actor, board_id: UUID, stage_id: UUID, *, before: datetime, before_id: UUID, owner_id: UUID | None = None
) -> list[Record]:
    """The next cards of one column."""
    where = both(
        [
            _narrowed(actor, board_id, owner_id), Sql("g.stage_id = {}", stage_id),
            Sql("(g.stage_since, g.id) < ({}, {})", before, before_id),
        ]
    )  # fmt: skip
    return await fetch(Sql(f"{{}} limit {CARDS}", _cards(actor, where)))


async def listed(
    actor: Actor, board_id: UUID, *, stage_id: UUID | None, before: Sequence[Any] | None, most: int
) -> list[Record]:
    """The board's engagements whatever their stage, those that moved last first; `before`: day and id of the last known."""
    where = both(
        [
            _narrowed(actor, board_id, None), Sql("g.stage_id = {}", stage_id) if stage_id else TRUE,
            Sql("(g.stage_since, g.id) < ({}, {})", *before) if before else TRUE,
        ]
    )  # fmt: skip
    return await fetch(Sql(f"{{}} limit {most}", _cards(actor, where)))


async def card(actor: Actor, engagement_id: UUID) -> Record | None:
    return await fetch_one(_cards(actor, both([visible(actor, "engagement", "g"), Sql("g.id = {}", engagement_id)])))


def _narrowed(actor: Actor, board_id: UUID, owner_id: UUID | None) -> Sql:
    return both(
        [
            Sql("g.board_id = {} and g.archived_at is null", board_id), visible(actor, "engagement", "g"),
            Sql("g.owner_id = {}", owner_id) if owner_id else TRUE,
        ]
    )  # fmt: skip


def _cards(actor: Actor, where: Sql) -> Sql:
    return Sql(
        "select g.id, g.stage_id, g.stage_since, g.next_step, g.next_step_due, g.slots, g.version, g.reason, "
        "g.employer_id, g.board_id, e.name, e.city, a.name as owner from engagement g "
        "join employer e on e.id = g.employer_id and {} "
        "left join account a on a.id = g.owner_id where {} order by g.stage_since desc, g.id desc",
        visible(actor, "employer", "e"), where,
    )
