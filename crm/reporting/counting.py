"""Count every figure of a board, or of the state, in one transaction: counted twice, it is the same."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from crm.access import SYSTEM
from crm.actions import Act, acting
from crm.database import Record, execute, fetch, fetch_value, transaction
from crm.reporting.measures import KEPT, MEASURES, SLOTS, Scope, asked
from crm.sql import Sql

Acts = Callable[[str], AbstractAsyncContextManager[Act]]


def by_itself(verb: str) -> AbstractAsyncContextManager[Act]:
    return acting(SYSTEM, verb)


async def count_all(today: date, zone: str, since: datetime | None = None, acts: Acts = by_itself) -> int:
    """Each board, then the state, but those that were counted since then; how many were counted now."""
    async with transaction(read_only=True):
        scopes = [row["id"] for row in await fetch("select id from board order by id")] + [None]
    return sum([await count(board_id, today, zone, since, acts) for board_id in scopes])


async def count(board_id: UUID | None, today: date, zone: str, since: datetime | None = None, acts: Acts = by_itself) -> bool:
    """False where it was counted since then."""
    async with acts("report.counted") as act:
        # one counts at a time; whoever comes later sees what the first wrote
        await execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", f"report {board_id}")
        if since and await fetch_value(
            "select exists (select from report_figure where board_id is not distinct from $1 and counted_at >= $2)", board_id, since
        ):
            act.unchanged()
            return False
        scope = Scope(SYSTEM, board_id, today, zone)
        found: list[tuple[str, str, Any]] = []
        await execute("delete from report_row where coalesce(board_id, '00000000-0000-0000-0000-000000000000') = $1", board_id or UUID(int=0))
        for measure, rows in MEASURES.items():
            for row in await (_keep(scope, measure) if measure in KEPT else _counted(measure, rows(scope))):
                found.append((measure, row["part"], row["value"]))
        found += await _hours(scope) + await _days(scope)
        await execute("delete from report_figure where board_id is not distinct from $1", board_id)
        await execute(
            "insert into report_figure (board_id, measure, part, value, counted_at) select $1, r.measure, r.part, r.value, clock_timestamp() "
            "from unnest($2::text[], $3::text[], $4::numeric[]) r (measure, part, value)",
            board_id, *(list(column) for column in zip(*found, strict=True)),
        )  # fmt: skip
        act.record("report", board_id, board_id=board_id, after={"figures": len(found)})
    return True


async def _counted(measure: str, rows: Sql) -> list[Record]:
    value = "sum(r.slots)" if measure in SLOTS else "count(*)"
    return await fetch(Sql(f"select r.part, {value} as value from ({{}}) r group by r.part", rows))


async def _keep(scope: Scope, measure: str) -> list[Record]:
    """Keep the rows and count them, in one go; what other rows say stays where it is."""
    detail = "''" if KEPT[measure][0] else "r.detail"
    return await fetch(
        Sql(f"with kept as (insert into report_row (board_id, measure, part, row_id, employer_id, at, detail) select {{}}::uuid, {{}}, r.part, r.id, "
            f"r.employer_id, r.at, {detail} from ({{}}) r returning part) select part, count(*) as value from kept group by part",
            scope.board_id, measure, MEASURES[measure](scope))  # fmt: skip
    )


async def _hours(scope: Scope) -> list[tuple[str, str, Any]]:
    """Half of the answers came within so many hours, and nine of ten."""
    [row] = await fetch(Sql(
        "select percentile_cont(0.5) within group (order by h) as half, percentile_cont(0.9) within group (order by h) as most from "
        "(select extract(epoch from a.answered_at - a.at)::float8 / 3600 as h from ({}) a where a.answered_at is not null) x", asked(scope),
    ))  # fmt: skip
    return [("hours", name, Decimal(f"{row[name]:.1f}")) for name in ("half", "most") if row[name] is not None] + [("counted", "", 1)]


async def _days(scope: Scope) -> list[tuple[str, str, Any]]:
    """Half of those in a stage have been there so many days."""
    rows = await fetch(Sql(
        "select g.part, percentile_cont(0.5) within group (order by extract(epoch from {}::timestamptz - g.at)::float8 / 86400) as days from ({}) g group by 1",
        scope.start(scope.today), MEASURES["stage"](scope),
    ))  # fmt: skip
    return [("days", row["part"], max(0, round(row["days"]))) for row in rows]
