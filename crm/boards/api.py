"""Boards and their stages, for programs."""

from datetime import date
from uuid import UUID

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from crm import api
from crm.access import Actor, Permission, load, visible
from crm.database import fetch
from crm.sql import Sql
from crm.web import AnyRequest

TAG = "Boards"


class BoardLine(Struct, frozen=True, kw_only=True):
    """A workforce board. Its public name is what it tells employers."""

    id: UUID
    code: str
    name: str
    public_name: str
    network: str
    website: str
    phone: str
    email: str
    address: str
    valid_from: date | None
    valid_to: date | None
    version: int


class BoardQuery(Struct, frozen=True):
    after: api.After = ""


@api.lists("/boards", Permission.SEE_DIRECTORY, TAG, "List boards", query=BoardQuery)
async def list_boards(request: AnyRequest, actor: NamedDependency[Actor]) -> api.Page[BoardLine]:
    """The boards of the state, by name."""
    query = api.query_of(request, BoardQuery)
    start = Sql("(b.name, b.id) > ({}, {})", *api.after(query.after, str, UUID)) if query.after else Sql("true")
    rows = await fetch(
        Sql(f"select b.* from board b where {{}} and {{}} order by b.name, b.id limit {api.PAGE + 1}",
            start, visible(actor, "board", "b"))  # fmt: skip
    )
    return api.page(rows, BoardLine, "name", "id")


@api.reads("/boards/{board_id:uuid}", Permission.SEE_DIRECTORY, TAG, "Read a board")
async def read_board(actor: NamedDependency[Actor], board_id: FromPath[UUID]) -> Response[BoardLine]:
    """One board."""
    row = await load(actor, "board", board_id)
    return api.answer(api.shown(BoardLine, row), row["version"])


HANDLERS = [list_boards, read_board]
