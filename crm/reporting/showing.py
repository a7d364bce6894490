"""The figures of a board or the state as the dashboard shows them: read in one go, however many rows they count."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec import Struct

from crm.access import Actor, visible
from crm.database import Record, fetch, fetch_one
from crm.engagements.forms import LOGGED_KINDS
from crm.reporting.measures import MEASURES, Scope
from crm.reporting.rules import PARTS, WEEKS, first_week, share
from crm.sql import TRUE, Sql

PAGE = 50


class Week(Struct, frozen=True):
    """A week, its activities by kind, and all of them."""

    monday: date
    kinds: dict[str, int]
    total: int


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
        hours=found.get("hours", {}), numbers=numbers, employers={part: int(found.get("employers", {}).get(part, 0)) for part in PARTS},
        repeat=share(numbers["repeat"], numbers["served"]), penetration=share(numbers["served"], total and total["establishments"]), total=total,
    )  # fmt: skip


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

    name: str
    id: UUID


async def rows(scope: Scope, measure: str, part: str, after: Line | None) -> list[Record]:
    """The rows that a number counts, by the employer's name, a page at a time."""
    start = Sql("(coalesce(e.name_folded, ''), r.id) > ({}, {})", after.name, after.id) if after else TRUE
    return await fetch(
        Sql(f"select r.id, r.employer_id, r.at, r.detail, e.name, e.city, coalesce(e.name_folded, '') as folded from ({{}}) r "
            f"left join employer e on e.id = r.employer_id and {{}} where r.part = {{}} and {{}} order by folded, r.id limit {PAGE + 1}",
            MEASURES[measure](scope), visible(scope.actor, "employer", "e"), part, start)  # fmt: skip
    )
