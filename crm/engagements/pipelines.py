"""Which pipelines a board works with, and their stages: the state's, and its own beside or in the place of one."""

from uuid import UUID

from crm.database import Record, fetch
from crm.errors import NotFound
from crm.translation import _, language

RECRUIT = "recruit"  # the code of the pipeline that every board has


# One of its own takes the place of the state's with the same code.
_OF_BOARD = """p.archived_at is null and (p.board_id = $1 or p.board_id is null and not exists (select from pipeline o
    where o.board_id = $1 and o.code = p.code and o.archived_at is null))"""


async def pipelines(board_id: UUID) -> list[Record]:
    """A board's pipelines, in order."""
    return await fetch(f"select p.* from pipeline p where {_OF_BOARD} order by p.position, p.code", board_id)


async def every_stage(board_id: UUID) -> dict[UUID, list[Record]]:
    """The stages of all of a board's pipelines, by the pipeline's id, in order; each names its pipeline."""
    found: dict[UUID, list[Record]] = {}
    for row in await fetch(
        "select s.*, p.code as pipeline_code, p.name_en as pipeline_en, p.name_es as pipeline_es from pipeline p "
        f"join stage s on s.pipeline_id = p.id and s.archived_at is null where {_OF_BOARD} order by p.position, p.code, s.position, s.id",
        board_id,
    ):
        found.setdefault(row["pipeline_id"], []).append(row)
    return found


async def pipeline(board_id: UUID, code: str) -> Record:
    """Raises `NotFound` for one that the board does not have."""
    for each in await pipelines(board_id):
        if each["code"] == code:
            return each
    raise NotFound(_("This board has no such pipeline."))


async def stages(board_id: UUID, code: str = RECRUIT) -> list[Record]:
    """The stages of a board's pipeline, in order. Raises `NotFound`."""
    return await stages_of((await pipeline(board_id, code))["id"])


async def stages_of(pipeline_id: UUID) -> list[Record]:
    return await fetch("select * from stage where pipeline_id = $1 and archived_at is null order by position, id", pipeline_id)


def stage_name() -> str:
    """The column that holds the name of a stage or pipeline in the reader's language."""
    return f"name_{language()}"
