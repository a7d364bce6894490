"""The pipeline and the tasks as lists: whose they are, and what stands in their files."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from crm.access import Actor, Permission, load, visible
from crm.database import Record, fetch
from crm.engagements import agenda, pipeline
from crm.engagements import pipelines as kept
from crm.engagements.pipelines import stage_name
from crm.errors import NotFound
from crm.listings import Column, Listing, Sheet, listing
from crm.sql import Sql
from crm.templating import label
from crm.translation import _, lazy_

SHEET_PAGE = 1_000  # rows that are read at once for a file
MOST_TASKS = 100_000

PIPELINE_COLUMNS = (
    Column("name", lazy_("Employer"), lambda row, stages: row["name"]),
    Column("city", lazy_("Town"), lambda row, stages: row["city"]),
    Column("stage", lazy_("Stage"), lambda row, stages: stages.get(row["stage_id"], "")),
    Column("reason", lazy_("Reason"), lambda row, stages: label(row["reason"])),
    Column("stage_since", lazy_("Here since"), lambda row, stages: row["stage_since"]),
    Column("next_step", lazy_("Next step"), lambda row, stages: row["next_step"]),
    Column("next_step_due", lazy_("Next step by"), lambda row, stages: row["next_step_due"]),
    Column("slots", lazy_("Slots"), lambda row, stages: row["slots"]),
    Column("owner", lazy_("Who looks after them"), lambda row, stages: row["owner"]),
)
TASK_COLUMNS = (
    Column("title", lazy_("Task"), lambda row, words: row["title"]),
    Column("employer", lazy_("Employer"), lambda row, words: row["employer_name"]),
    Column("city", lazy_("Town"), lambda row, words: row["city"]),
    Column("due", lazy_("By"), lambda row, words: row["due"]),
    Column("assignee", lazy_("Who"), lambda row, words: row["assignee"]),
    Column("repeats", lazy_("Comes again"), lambda row, words: label(row["repeats"])),
    Column("note", lazy_("Notes"), lambda row, words: row["note"]),
    Column("done_at", lazy_("Done"), lambda row, words: row["done_at"]),
)


async def boards_of(actor: Actor) -> list[Record]:
    """The boards whose pipelines someone works or reads."""
    own = Sql("b.id = any({})", sorted(actor.board_ids, key=str)) if actor.board_ids else visible(actor, "board", "b")
    return await fetch(Sql("select b.id, b.name from board b where {} order by b.name", own))


def board_of(actor: Actor, filters: pipeline.Filters, boards: Sequence[Record]) -> UUID | None:
    """Whose pipeline it is that the filters ask for."""
    return filters.board or actor.home_board or (boards[0]["id"] if boards else None)


def stages_of(ways: Mapping[UUID, list[Record]], filters: pipeline.Filters) -> list[Record]:
    """The stages of the pipeline that the filters ask for. Raises `NotFound`."""
    found = next((listed for listed in ways.values() if listed[0]["pipeline_code"] == filters.pipeline), None)
    if found is None:
        raise NotFound(_("This board has no such pipeline."))
    return found


async def _pipeline_sheet(actor: Actor, filters: pipeline.Filters, today: date) -> Sheet:
    """The rows of the table, whichever view is open."""
    board_id = board_of(actor, filters, await boards_of(actor))
    if board_id is None:
        raise NotFound(_("This board has no such pipeline."))
    await load(actor, "board", board_id)
    stages = stages_of(await kept.every_stage(board_id), filters)
    names = {stage["id"]: stage[stage_name()] for stage in stages}
    return Sheet(PIPELINE_COLUMNS, names, _pipeline_pages(actor, board_id, stages[0]["pipeline_id"], filters, today))


async def _pipeline_pages(
    actor: Actor, board_id: UUID, pipeline_id: UUID, filters: pipeline.Filters, today: date
) -> AsyncIterator[Sequence[Record]]:
    before: Sequence[Any] | None = None
    while True:
        rows = await pipeline.rows(actor, board_id, pipeline_id, filters, today, before=before, most=SHEET_PAGE)
        yield rows
        if len(rows) < SHEET_PAGE:
            return
        before = [rows[-1]["stage_since"], rows[-1]["id"]]


async def _task_sheet(actor: Actor, filters: agenda.Filters, today: date) -> Sheet:
    async def pages() -> AsyncIterator[Sequence[Record]]:
        yield await agenda.tasks(actor, filters, most=MOST_TASKS + 1)

    return Sheet(TASK_COLUMNS, None, pages())


PIPELINE = listing(Listing("pipeline", "/pipeline", lazy_("Pipeline"), Permission.SEE_PIPELINE, pipeline.Filters, _pipeline_sheet))
TASKS = listing(Listing("tasks", "/tasks", lazy_("All tasks"), Permission.WORK_PIPELINE, agenda.Filters, _task_sheet))
