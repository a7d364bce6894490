"""The figures of a board or the state as the dashboard shows them: read in one go, however many rows they count."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, get_args
from uuid import UUID

from msgspec import Struct

from crm.access import Actor, Role, visible
from crm.database import Record, fetch, fetch_one
from crm.engagements.forms import LOGGED_KINDS
from crm.errors import NotFound
from crm.pledges.forms import Kind
from crm.reporting.measures import SLOTS, Scope, listed
from crm.reporting.rules import DRIVES_DAYS, LEVEL_MOVES, LEVELS, PARTS, WEEKS, first_week, share
from crm.sql import TRUE, Sql
from crm.translation import _, language

STATE = frozenset({Role.STATE_ADMIN, Role.STATE_ANALYST, Role.AUDITOR})
PAGE = 50
DRIVES = 6  # that are shown


class Week(Struct, frozen=True):
    """A week, its activities by kind, and all of them."""

    monday: date
    kinds: dict[str, int]
    total: int


class Drive(Struct, frozen=True, kw_only=True):
    """A season's drive: its goal, where it is the scope's own, and its slots by kind of experience and step; under "" those of all kinds."""

    id: UUID
    name: str
    first_day: date
    last_day: date
    goal: int | None
    slots: dict[str, dict[str, int]]


class Dashboard(Struct, frozen=True, kw_only=True):
    """Everything that the page says."""

    counted_at: datetime | None
    pipelines: list[list[Mapping[str, Any]]]
    weeks: list[Week]
    hours: dict[str, Decimal]
    numbers: dict[str, int]
    employers: dict[str, int]
    repeat: Decimal | None
    penetration: Decimal | None
    total: Record | None
    levels: dict[str, int]
    level_moves: dict[str, int]
    drives: list[Drive]


def whose(actor: Actor, wanted: UUID | None) -> UUID | None:
    """The board that is asked for; the state's own people see the whole state otherwise, and everyone else their board. Raises `NotFound`."""
    if wanted is None and not actor.roles & STATE:
        return actor.home_board
    if wanted is not None and not sees(actor, wanted):
        raise NotFound(_("This page does not exist, or it is not yours to see."))
    return wanted


def sees(actor: Actor, board_id: UUID | None) -> bool:
    """True where the figures of the board, or of the whole state, are the actor's to see."""
    return bool(actor.roles & STATE) or (board_id is not None and board_id in actor.board_ids)


async def boards(actor: Actor) -> list[Record]:
    """Those whose figures the actor may see."""
    theirs = TRUE if actor.roles & STATE else Sql("b.id = any({})", sorted(actor.board_ids, key=str))
    return await fetch(Sql("select b.id, b.name from board b where {} and {} order by b.name", theirs, visible(actor, "board", "b")))


async def dashboard(actor: Actor, board_id: UUID | None, today: date) -> Dashboard:
    rows = await fetch(
        Sql("select f.* from report_figure f where {} and {}",
            Sql("f.board_id = {}", board_id) if board_id else Sql("f.board_id is null"), visible(actor, "report_figure", "f"))  # fmt: skip
    )
    found: dict[str, dict[str, Decimal]] = {}
    for row in rows:
        found.setdefault(row["measure"], {})[row["part"]] = row["value"]
    numbers = {name: int(found.get(name, {}).get("", 0)) for name in ("answered", "waiting", "overdue", "served", "repeat", "unplaced")}
    total = await _total(actor, board_id)
    return Dashboard(
        counted_at=max((row["counted_at"] for row in rows), default=None), pipelines=await _pipelines(found), weeks=_weeks(found.get("activity", {}), today),
        hours=found.get("hours", {}), numbers=numbers, employers=_parts(found, "employers", PARTS),
        repeat=share(numbers["repeat"], numbers["served"]), penetration=share(numbers["served"], total and total["establishments"]), total=total,
        levels=_parts(found, "level", LEVELS), level_moves=_parts(found, "level_moved", LEVEL_MOVES), drives=await _drives(actor, board_id, today, found),
    )  # fmt: skip


def _parts(found: Mapping[str, Mapping[str, Decimal]], measure: str, parts: Iterable[str]) -> dict[str, int]:
    return {part: int(found.get(measure, {}).get(part, 0)) for part in parts}


async def _drives(actor: Actor, board_id: UUID | None, today: date, found: Mapping[str, Mapping[str, Decimal]]) -> list[Drive]:
    """One's own first, those that end last before others."""
    name, drives = f"name_{language()}", []
    for row in await fetch(
        Sql(f"select d.*, b.name as board from pledge_drive d left join board b on b.id = d.board_id where d.archived_at is null and d.last_day >= {{}} and {{}} "
            f"and {{}} order by d.board_id is distinct from {{}}::uuid, d.last_day desc, d.id limit {DRIVES}",
            today - timedelta(days=DRIVES_DAYS), visible(actor, "pledge_drive", "d"),
            Sql("(d.board_id = {} or d.board_id is null)", board_id) if board_id else TRUE, board_id)  # fmt: skip
    ):
        slots = {kind: _slots(found, str(row["id"]), kind) for kind in ("", *get_args(Kind))}
        drives.append(Drive(
            id=row["id"], name=row[name] if row["board_id"] == board_id or not row["board"] else f"{row[name]} ({row['board']})",
            first_day=row["first_day"], last_day=row["last_day"], goal=row["goal"] if board_id in (None, row["board_id"]) else None,
            slots={kind: numbers for kind, numbers in slots.items() if not kind or numbers["pledged"]},
        ))  # fmt: skip
    return drives


def _slots(found: Mapping[str, Mapping[str, Decimal]], drive: str, kind: str) -> dict[str, int]:
    return {step: int(found.get(step, {}).get(f"{drive} {kind}".strip(), 0)) for step in SLOTS}


async def _pipelines(found: Mapping[str, Mapping[str, Decimal]]) -> list[list[Mapping[str, Any]]]:
    """The stages that anyone stands in or moved through, by pipeline, in their order."""
    named = {UUID(part) for measure in ("stage", "moved_in", "moved_out") for part in found.get(measure, {})}
    by_pipeline: dict[UUID, list[Mapping[str, Any]]] = {}
    for row in await fetch(
        "select s.*, p.name_en as pipeline_en, p.name_es as pipeline_es from stage s join pipeline p on p.id = s.pipeline_id where s.pipeline_id in "
        "(select pipeline_id from stage where id = any($1)) and (s.archived_at is null or s.id = any($1)) order by p.position, p.code, p.id, s.position, s.id",
        sorted(named, key=str),
    ):  # fmt: skip
        counts = {measure: int(found.get(measure, {}).get(str(row["id"]), 0)) for measure in ("stage", "moved_in", "moved_out", "long")}
        days = found.get("days", {}).get(str(row["id"]))
        by_pipeline.setdefault(row["pipeline_id"], []).append({**row, **counts, "days": None if days is None else int(days)})
    return list(by_pipeline.values())


def _weeks(parts: Mapping[str, Decimal], today: date) -> list[Week]:
    first = first_week(today)
    weeks = []
    for number in range(WEEKS):
        monday = first + timedelta(weeks=number)
        kinds = {kind: int(parts.get(f"{monday} {kind}", 0)) for kind in LOGGED_KINDS}
        weeks.append(Week(monday, kinds, sum(kinds.values())))
    return weeks


async def _total(actor: Actor, board_id: UUID | None) -> Record | None:
    return await fetch_one(
        Sql("select t.* from establishment_total t where {} and {} order by t.entered_at desc, t.id desc limit 1",
            Sql("t.board_id = {}", board_id) if board_id else Sql("t.board_id is null"), visible(actor, "establishment_total", "t"))  # fmt: skip
    )


class Line(Struct, frozen=True):
    """Where a page of rows ends."""

    at: datetime
    id: UUID


OLDEST_FIRST = {"long", "waiting", "overdue"}  # where the oldest is what to look at


async def rows(scope: Scope, measure: str, after: Line | None = None, most: int = PAGE + 1) -> list[Record]:
    """The rows that the number of the scope's part counts, a page at a time."""
    way, sign = ("asc", ">") if measure in OLDEST_FIRST else ("desc", "<")
    start = Sql(f"(r.at, r.id) {sign} ({{}}, {{}})", after.at, after.id) if after else TRUE
    slots = "r.slots" if measure in SLOTS else "null::integer"
    return await fetch(
        Sql(f"select r.id, r.employer_id, r.at, r.detail, {slots} as slots, e.name, e.city from (select r.* from ({{}}) r where r.part = {{}} and {{}} "
            f"order by r.at {way}, r.id {way} limit {most}) r left join employer e on e.id = r.employer_id and {{}} order by r.at {way}, r.id {way}",
            listed(scope, measure), scope.part or "", start, visible(scope.actor, "employer", "e"))  # fmt: skip
    )
