"""A board's pipeline in three views over the same filters: columns of cards, rows, and the funnel.

The columns are a hot page: one query for all cards, one for all totals.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from crm.access import Actor, visible
from crm.database import Record, fetch, fetch_one
from crm.engagements.pipelines import RECRUIT
from crm.engagements.rules import NO_REASON
from crm.sql import TRUE, Sql, both, like

CARDS = 25
ROWS = 50


class Filters(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a pipeline is narrowed to, whatever the view. Every field is part of the page's address."""

    board: Annotated[UUID | None, Meta(description="Whose pipeline; otherwise your own board's")] = None
    pipeline: Annotated[str, Meta(description="The pipeline's code", max_length=60)] = RECRUIT
    view: Annotated[Literal["board", "table", "funnel"], Meta(description="How it is shown")] = "board"
    owner: Annotated[str, Meta(description="Who looks after them: me, none, or a person's id", max_length=36)] = ""
    stage: Annotated[UUID | None, Meta(description="Only those in this stage")] = None
    due: Annotated[Literal["", "overdue", "week", "none"], Meta(description="When the next step is due")] = ""
    waiting: Annotated[Literal["", "long"], Meta(description="Longer in their stage than expected")] = ""
    sector: Annotated[str, Meta(description="Two digits of the industry's NAICS code", max_length=5)] = ""
    q: Annotated[str, Meta(description="Words of the employer's name", max_length=200)] = ""
    after: Annotated[str, Meta(description="What “next” of the page before says", max_length=200)] = ""
    saved: Annotated[UUID | None, Meta(description="The view that these came from")] = None


class NextCards(Filters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same, for the cards of a column after the last that is shown."""

    before: datetime
    before_id: UUID


class Column(Struct, frozen=True):
    """A stage on the board: its cards, how many there are in all, and the slots that they may offer."""

    stage: Record
    cards: list[Record]
    total: int
    slots: int


class Level(Struct, frozen=True):
    """A stage of the funnel: how many stand there now, came at least so far, and their slots and usual days."""

    stage: Record
    now: int
    reached: int
    slots: int
    days: float | None


async def columns(actor: Actor, board_id: UUID, stages: Sequence[Record], filters: Filters, today: date) -> list[Column]:
    """Every column of the board, in the order of the pipeline's stages, each with its first cards."""
    ids = [stage["id"] for stage in stages]
    where = narrowed(actor, board_id, stages[0]["pipeline_id"], filters, today)
    totals = {
        row["stage_id"]: row
        for row in await fetch(
            Sql("select g.stage_id, count(*) as total, sum(g.slots) as slots from engagement g {} where {} group by 1",
                _employer(actor, filters), where)  # fmt: skip
        )
    }
    cards = await fetch(
        Sql(f"select c.* from unnest({{}}::uuid[]) stage (id) cross join lateral ({{}} limit {CARDS}) c",
            ids, _cards(actor, both([where, Sql("g.stage_id = stage.id")])))  # fmt: skip
    )
    by_stage: dict[UUID, list[Record]] = {}
    for card in cards:
        by_stage.setdefault(card["stage_id"], []).append(card)
    return [
        Column(stage, by_stage.get(stage["id"], []), found["total"] if (found := totals.get(stage["id"])) else 0,
               found["slots"] if found else 0)
        for stage in stages
    ]  # fmt: skip


async def more_cards(actor: Actor, board_id: UUID, stage: Record, filters: NextCards, today: date) -> list[Record]:
    """The next cards of one column."""
    where = both(
        [
            narrowed(actor, board_id, stage["pipeline_id"], filters, today), Sql("g.stage_id = {}", stage["id"]),
            Sql("(g.stage_since, g.id) < ({}, {})", filters.before, filters.before_id),
        ]
    )  # fmt: skip
    return await fetch(Sql(f"{{}} limit {CARDS}", _cards(actor, where)))


async def rows(
    actor: Actor, board_id: UUID, pipeline_id: UUID, filters: Filters, today: date, *, before: Sequence[Any] | None,
    most: int = ROWS,
) -> list[Record]:  # fmt: skip
    """The pipeline's engagements, those that moved last first; `before`: moment and id of the last known."""
    where = both(
        [
            narrowed(actor, board_id, pipeline_id, filters, today),
            Sql("g.stage_id = {}", filters.stage) if filters.stage else TRUE,
            Sql("(g.stage_since, g.id) < ({}, {})", *before) if before else TRUE,
        ]
    )  # fmt: skip
    return await fetch(Sql(f"{{}} limit {most}", _cards(actor, where)))


async def funnel(actor: Actor, board_id: UUID, stages: Sequence[Record], filters: Filters, today: date) -> list[Level]:
    """Who came how far, and how long those who moved on stayed.

    Who stands beside the way (paused, declined, lapsed) counts for the stages that they had reached before.
    """
    listed = [stage for stage in stages if stage["kind"] in NO_REASON]
    found = await fetch(
        Sql("""
            with shown as (select g.id, g.stage_id, g.slots from engagement g {} where {}),
            came as (
                select m.engagement_id, s.position, m.to_stage_id, m.at,
                       lead(m.at) over (partition by m.engagement_id order by m.at) as left_at
                  from stage_move m join shown on shown.id = m.engagement_id join stage s on s.id = m.to_stage_id
                 where m.undone_at is null and s.kind in ('open', 'done')
            ),
            furthest as (select engagement_id, max(position) as position from came group by 1),
            stays as (
                select to_stage_id, percentile_cont(0.5) within group (order by extract(epoch from left_at - at) / 86400.0) as days
                  from came where left_at is not null group by 1
            )
            select s.id, (select count(*) from shown where stage_id = s.id) as now,
                   (select coalesce(sum(slots), 0) from shown where stage_id = s.id) as slots,
                   (select count(*) from furthest f where f.position >= s.position) as reached,
                   (select days from stays where to_stage_id = s.id) as days
              from stage s where s.id = any({})""",
            _employer(actor, filters), narrowed(actor, board_id, stages[0]["pipeline_id"], filters, today),
            [stage["id"] for stage in listed],
        )
    )  # fmt: skip
    by_stage = {row["id"]: row for row in found}
    return [
        Level(stage, row["now"], row["reached"], row["slots"], None if row["days"] is None else float(row["days"]))
        for stage in listed if (row := by_stage[stage["id"]])
    ]  # fmt: skip


async def card(actor: Actor, engagement_id: UUID) -> Record | None:
    return await fetch_one(_cards(actor, both([visible(actor, "engagement", "g"), Sql("g.id = {}", engagement_id)])))


def narrowed(actor: Actor, board_id: UUID, pipeline_id: UUID, filters: Filters, today: date) -> Sql:
    parts = [
        Sql("g.board_id = {} and g.pipeline_id = {} and g.archived_at is null", board_id, pipeline_id),
        visible(actor, "engagement", "g"), _owned(actor, filters.owner), _due(filters.due, today),
    ]  # fmt: skip
    if filters.waiting:
        parts.append(
            Sql("exists (select from stage w where w.id = g.stage_id and w.expected_days is not null "
                "and g.stage_since < now() - make_interval(days => w.expected_days))")  # fmt: skip
        )
    if filters.sector:
        parts.append(Sql("e.sector = {}", filters.sector))
    if filters.q.strip():
        parts.append(Sql("e.search_text like fold({})", f"%{like(filters.q.strip())}%"))
    return both(parts)


def _owned(actor: Actor, owner: str) -> Sql:
    if owner == "me":
        return Sql("g.owner_id = {}", actor.account_id)
    if owner == "none":
        return Sql("g.owner_id is null")
    try:
        return Sql("g.owner_id = {}", UUID(owner)) if owner else TRUE
    except ValueError:
        return Sql("false")


def _due(due: str, today: date) -> Sql:
    if due == "none":
        return Sql("g.next_step = ''")
    until = {"overdue": today - timedelta(days=1), "week": today + timedelta(days=7)}.get(due)
    return Sql("g.next_step <> '' and g.next_step_due <= {}", until) if until else TRUE


def _employer(actor: Actor, filters: Filters) -> Sql:
    """The employer beside each engagement, where a filter asks for it."""
    if not filters.sector and not filters.q.strip():
        return Sql("")
    return Sql("join employer e on e.id = g.employer_id and {}", visible(actor, "employer", "e"))


def _cards(actor: Actor, where: Sql) -> Sql:
    return Sql(
        "select g.id, g.stage_id, g.pipeline_id, g.stage_since, g.next_step, g.next_step_due, g.slots, g.version, g.reason, "
        "g.employer_id, g.board_id, g.owner_id, e.name, e.city, a.name as owner from engagement g "
        "join employer e on e.id = g.employer_id and {} "
        "left join account a on a.id = g.owner_id where {} order by g.stage_since desc, g.id desc",
        visible(actor, "employer", "e"), where,
    )
