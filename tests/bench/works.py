"""What is measured: for each work the addresses that a person at a board walks through, and the floor's own SQL."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from msgspec import Struct

from crm.access import Actor
from crm.database import fetch, fetch_value

Statements = list[tuple[str, list[Any]]]
ROW = ("select e.id, e.name, e.dbas, e.city, e.state, e.naics, e.sector, e.size_band, e.status, e.updated_at, g.stage_id, "
       "g.next_step from employer e left join engagement g on g.employer_id = e.id and g.board_id = $1 "
       "and g.archived_at is null where e.archived_at is null")  # fmt: skip
MINE = ("select e.id, e.name, e.dbas, e.city, e.state, e.naics, e.sector, e.size_band, e.status, e.updated_at, g.stage_id, "
        "g.next_step from engagement g join employer e on e.id = g.employer_id where g.board_id = $1 and g.pipeline_id = $2 "
        "and g.stage_id = $3 and g.archived_at is null order by g.stage_since desc limit 51")  # fmt: skip
TYPED = ("har", "harb", "harbor", "harbor ma", "harbor machine", "dental", "worcester", "cedar opt", "maple bak", "harbr machin")


class Work(Struct, frozen=True):
    """`turns`: each an address of ours with the statements that fetch the same rows barely."""

    name: str
    turns: list[tuple[str, Statements]]


async def all_works(actor: Actor) -> list[Work]:
    """Inside a transaction."""
    board: UUID = actor.home_board  # type: ignore[assignment]
    pipeline = await fetch_value("select id from pipeline where board_id is null and code = 'recruit'")
    stages = await fetch("select id from stage where pipeline_id = $1 order by position", pipeline)
    employers = await fetch("(select id from employer where board_id = $1 order by id limit 10) union all "
                            "(select employer_id from activity where board_id = $1 group by 1 order by count(*) desc, 1 limit 10)", board)  # fmt: skip
    return [
        Work("list", [("/employers", [(f"{ROW} order by e.name_folded, e.id limit 51", [board])])]),
        _narrowed("list: industry", "e.sector = '31-33' order by e.name_folded, e.id", board, sector="31-33"),
        _narrowed("list: area and size", "e.board_id = $1 and e.size_band = '50-249' order by e.name_folded, e.id", board,
                  board=str(board), size="50-249"),  # fmt: skip
        _narrowed("list: latest, active", "e.status = 'active' order by e.updated_at desc, e.id desc", board,
                  status="active", sort="recent"),  # fmt: skip
        _narrowed("list: by town", "true order by e.city_folded, e.name_folded, e.id", board, sort="city"),
        Work("list: our stage", [(f"/employers?stage={stages[1]['id']}", [(MINE, [board, pipeline, stages[1]["id"]])])]),
        Work("search as you type", [_typed(typed) for typed in TYPED]),
        Work("employer page", [_employer(row["id"]) for row in employers]),
        Work("pipeline board", [("/pipeline", _board(board, pipeline, [stage["id"] for stage in stages]))]),
        Work("my day", [("/today", _day(actor.account_id))]),
        Work("reports", [("/reports", [("select measure, part, value, counted_at from report_figure where board_id = $1", [board])])]),
        Work("reports: rows", [_served(board), _kept(board)]),
        # a page more is a line more: its name, its address, and the statements that fetch the same rows barely
    ]


def _narrowed(name: str, where: str, board_id: UUID, **filters: str) -> Work:
    return Work(name, [(f"/employers?{urlencode(filters)}", [(f"{ROW} and {where} limit 51", [board_id])])])


def _typed(typed: str) -> tuple[str, Statements]:
    sql = ("select id, name, city, state from employer where search_text like '%' || $1 || '%' and archived_at is null limit 8")
    return f"/search?{urlencode({'q': typed})}", [(sql, [typed])]


def _employer(employer_id: UUID) -> tuple[str, Statements]:
    given = [employer_id]
    return f"/employers/{employer_id}", [
        ("select * from employer where id = $1", given),
        ("select * from establishment where employer_id = $1 and archived_at is null limit 50", given),
        ("select c.given_name, c.family_name, c.email, c.phone, f.role from affiliation f join contact c "
         "on c.id = f.contact_id where f.employer_id = $1 limit 100", given),
        ("select y.id, y.kind, y.direction, y.summary, y.body, y.at, y.board_id, y.contact_id, y.version from activity y "
         "where employer_id = $1 and removed_at is null order by at desc, id desc limit 30", given),
    ]  # fmt: skip


def _day(account: UUID | None) -> Statements:
    tasks = ("select t.*, e.name, e.city from task t left join employer e on e.id = t.employer_id where t.assignee_id = $1 "
             "and t.done_at is null and t.dropped_at is null order by t.due limit 200")  # fmt: skip
    steps = ("select g.id, g.next_step, g.next_step_due, e.name, e.city, g.stage_id from engagement g join employer e on e.id = g.employer_id "
             "where g.owner_id = $1 and g.archived_at is null and g.next_step <> '' order by g.next_step_due limit 200")  # fmt: skip
    return [(tasks, [account]), (steps, [account])]


def _served(board: UUID) -> tuple[str, Statements]:
    sql = ("select y.id, y.at, y.summary, e.id, e.name, e.city from activity y join employer e on e.id = y.employer_id where y.board_id = $1 "
           "and y.removed_at is null and y.establishment_id is null and y.kind <> 'note' order by y.at desc limit 51")  # fmt: skip
    return "/reports/rows?measure=unplaced", [(sql, [board])]


def _kept(board: UUID) -> tuple[str, Statements]:
    sql = ("select r.row_id, r.at, e.id, e.name, e.city from report_row r join employer e on e.id = r.employer_id where r.measure = 'employers' and r.part = 'kept' "
           "and coalesce(r.board_id, '00000000-0000-0000-0000-000000000000') = $1 order by r.at desc, r.row_id desc limit 51")  # fmt: skip
    return "/reports/rows?measure=employers&part=kept", [(sql, [board])]


def _board(board: UUID, pipeline: UUID, stages: list[UUID]) -> Statements:
    cards = (
        "select c.* from unnest($1::uuid[]) stage (id) cross join lateral (select g.id, g.stage_id, g.stage_since, g.next_step, "
        "e.name, e.city from engagement g join employer e on e.id = g.employer_id where g.board_id = $2 and g.pipeline_id = $3 "
        "and g.stage_id = stage.id and g.archived_at is null order by g.stage_since desc limit 25) c"
    )
    counts = "select stage_id, count(*) from engagement where board_id = $1 and pipeline_id = $2 and archived_at is null group by 1"
    return [(cards, [stages, board, pipeline]), (counts, [board, pipeline])]
