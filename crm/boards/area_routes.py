"""Pages on which a board's area is changed: regions and places, entered and ended."""

from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from crm.access import Actor, load
from crm.actions import reading
from crm.boards import areas
from crm.boards.edit_routes import EDITS, managed_board
from crm.boards.forms import EndForm, PlaceForm, RegionForm
from crm.database import fetch, fetch_one
from crm.errors import Invalid
from crm.forms import BoundForm, form_for, read_form
from crm.translation import _
from crm.web import AnyRequest, program_of, redirect, render


def _today(request: AnyRequest) -> date:
    return datetime.now(ZoneInfo(program_of(request).settings.time_zone)).date()


@get("/boards/{board_id:uuid}/area", guards=EDITS)
async def show_area(request: AnyRequest, actor: NamedDependency[Actor], board_id: FromPath[UUID]) -> Response[str]:
    """Everything that was ever entered: what holds today and is still to come first, what has ended below."""
    board, today = await managed_board(actor, board_id), _today(request)
    regions = await fetch(
        "select br.*, r.kind, r.name from board_region br join region r on r.id = br.region_id where br.board_id = $1 "
        "order by r.kind, r.name, br.valid_from limit 200",
        board_id,
    )
    places = await fetch(
        "select t.* from territory t where t.board_id = $1 order by t.name, t.valid_from desc limit 1000", board_id
    )
    return render(request, "pages/boards/area.html", board=board, regions=regions, places=places, today=today)


def _adding_page(request: AnyRequest, board: dict[str, Any], form: BoundForm, status: int = 200) -> Response[str]:
    is_place = form.kind is PlaceForm
    return render(request, "pages/boards/add.html", status=status, board=board, form=form, is_place=is_place)


@get("/boards/{board_id:uuid}/regions/new", guards=EDITS)
async def new_region(request: AnyRequest, actor: NamedDependency[Actor], board_id: FromPath[UUID]) -> Response[str]:
    form = form_for(RegionForm, initial={"valid_from": _today(request)})
    return _adding_page(request, await managed_board(actor, board_id), form)


@post("/boards/{board_id:uuid}/regions/new", guards=EDITS)
async def join_region(request: AnyRequest, actor: NamedDependency[Actor], board_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        board = await managed_board(actor, board_id)
        form = await read_form(RegionForm, request)
    if form.validate():
        try:
            await areas.join_region(actor, board_id, form.struct(), state=program_of(request).settings.state)
            return redirect(request, f"/boards/{board_id}/area", say=_("The region is saved."))
        except Invalid as problem:
            form.refuse(problem)
    return _adding_page(request, board, form, 422)


@get("/boards/{board_id:uuid}/places/new", guards=EDITS)
async def new_place(request: AnyRequest, actor: NamedDependency[Actor], board_id: FromPath[UUID]) -> Response[str]:
    form = form_for(PlaceForm, initial={"valid_from": _today(request)})
    return _adding_page(request, await managed_board(actor, board_id), form)


@post("/boards/{board_id:uuid}/places/new", guards=EDITS)
async def serve_place(request: AnyRequest, actor: NamedDependency[Actor], board_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        board = await managed_board(actor, board_id)
        form = await read_form(PlaceForm, request)
    settings = program_of(request).settings
    if form.validate():
        try:
            await areas.serve_place(
                actor, board_id, form.struct(), state=settings.state, today=_today(request), zone=settings.time_zone
            )
            return redirect(request, f"/boards/{board_id}/area", say=_("The place is saved. Its employers follow."))
        except Invalid as problem:
            form.refuse(problem)
    return _adding_page(request, board, form, 422)


async def _ending_page(
    request: AnyRequest, actor: Actor, table: str, row_id: UUID, form: BoundForm | None = None
) -> Response[str]:
    entry = await load(actor, table, row_id)
    board = await managed_board(actor, entry["board_id"])
    if table == "board_region":
        region = await fetch_one("select name, kind from region where id = $1", entry["region_id"])
        entry |= dict(region) if region else {}
    shown = form or form_for(EndForm, initial={"valid_to": entry["valid_to"] or _today(request)})
    return render(request, "pages/boards/end.html", status=422 if form else 200, board=board, entry=entry, form=shown,
                  is_place=table == "territory")  # fmt: skip


@get("/territories/{territory_id:uuid}/end", guards=EDITS)
async def place_ending(request: AnyRequest, actor: NamedDependency[Actor], territory_id: FromPath[UUID]) -> Response[str]:
    return await _ending_page(request, actor, "territory", territory_id)


@post("/territories/{territory_id:uuid}/end", guards=EDITS)
async def end_place(request: AnyRequest, actor: NamedDependency[Actor], territory_id: FromPath[UUID]) -> Response[Any]:
    return await _end(request, actor, "territory", territory_id)


@get("/board-regions/{board_region_id:uuid}/end", guards=EDITS)
async def region_ending(
    request: AnyRequest, actor: NamedDependency[Actor], board_region_id: FromPath[UUID]
) -> Response[str]:
    return await _ending_page(request, actor, "board_region", board_region_id)


@post("/board-regions/{board_region_id:uuid}/end", guards=EDITS)
async def end_region(request: AnyRequest, actor: NamedDependency[Actor], board_region_id: FromPath[UUID]) -> Response[Any]:
    return await _end(request, actor, "board_region", board_region_id)


async def _end(request: AnyRequest, actor: Actor, table: str, row_id: UUID) -> Response[Any]:
    async with reading(actor):
        await managed_board(actor, (await load(actor, table, row_id))["board_id"])
        form = await read_form(EndForm, request)
    if form.validate():
        last, zone = form.struct().valid_to, program_of(request).settings.time_zone
        try:
            if table == "territory":
                board_id = await areas.stop_serving(actor, row_id, last, today=_today(request), zone=zone)
            else:
                board_id = await areas.leave_region(actor, row_id, last)
            return redirect(request, f"/boards/{board_id}/area", say=_("The last day is saved. The entry stays, ended."))
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        return await _ending_page(request, actor, table, row_id, form)


HANDLERS = [
    show_area, new_region, join_region, new_place, serve_place, place_ending, end_place, region_ending, end_region,
]  # fmt: skip
