"""The page of all towns, each corrected in its own row: typed, then shown what changes, then done."""

from datetime import date, datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from crm.access import Actor, load
from crm.actions import reading
from crm.boards import municipalities
from crm.boards.edit_routes import EDITS
from crm.boards.forms import MunicipalityCorrection
from crm.database import fetch
from crm.errors import Invalid
from crm.forms import BoundForm, form_for, read_form
from crm.translation import _
from crm.web import AnyRequest, program_of, redirect, render

SHOWN = 50  # towns at first; a phone scrolls long through all 351 of a state


def _today(request: AnyRequest) -> date:
    return datetime.now(ZoneInfo(program_of(request).settings.time_zone)).date()


async def _choices(request: AnyRequest) -> dict[str, list[tuple[str, str]]]:
    boards = await fetch("select id, name from board order by name")
    counties = municipalities.county_names(program_of(request).settings.state, _today(request))
    return {"board_id": [(str(b["id"]), b["name"]) for b in boards], "county": [(name, name) for name in counties]}


@get("/municipalities", guards=EDITS)
async def list_municipalities(
    request: AnyRequest, actor: NamedDependency[Actor], q: FromQuery[str] = "", board: FromQuery[str] = "",
    county: FromQuery[str] = "", review: FromQuery[bool] = False, edit: FromQuery[UUID | None] = None, every: FromQuery[bool] = False,
) -> Response[str]:  # fmt: skip
    choices = await _choices(request)
    chosen = UUID(board) if board in dict(choices["board_id"]) else None
    rows = await municipalities.listed(
        actor, program_of(request).settings.state, name=q[:100], board_id=chosen, county=county, review=review
    )
    filters = {"q": q[:100], "board": board, "county": county, "review": review}
    form = None
    if edit is not None:
        place = await load(actor, "territory", edit)
        form = form_for(MunicipalityCorrection, initial=_as_it_is(place), choices=choices)
    return render(request, "pages/boards/municipalities.html", block="found", count=len(rows),
                  rows=rows if every or edit else rows[:SHOWN], filters=filters, choices=choices, edit=edit, form=form,
                  moves=None)  # fmt: skip


def _as_it_is(place: dict[str, Any]) -> dict[str, Any]:
    return {"board_id": str(place["board_id"]), "county": place["county"]}


@post("/municipalities/{territory_id:uuid}/correct", guards=EDITS)
async def correct(request: AnyRequest, actor: NamedDependency[Actor], territory_id: FromPath[UUID]) -> Response[Any]:
    """First shows how many worksites would move; `confirmed`, it corrects."""
    moves = None
    async with reading(actor):
        place = await load(actor, "territory", territory_id)
        form = await read_form(MunicipalityCorrection, request, choices=await _choices(request))
    if form.validate():
        wanted = form.struct()
        try:
            if wanted.confirmed:
                await municipalities.correct(actor, territory_id, wanted, today=_today(request))
                say = _("%(place)s is corrected from today on. Its worksites follow in a moment.") % {"place": place["name"]}
                return redirect(request, f"/municipalities?q={quote(place['name'])}", say=say)
            async with reading(actor):
                await municipalities.require_correction(actor, place, wanted.board_id)
                moves = await municipalities.would_move(actor, place, wanted.board_id)
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        return await _one(request, actor, place, form, moves)


async def _one(
    request: AnyRequest, actor: Actor, place: dict[str, Any], form: BoundForm, moves: int | None
) -> Response[str]:
    rows = await municipalities.listed(actor, place["state"], only=place["id"])
    filters = {"q": place["name"], "board": "", "county": "", "review": False}
    return render(request, "pages/boards/municipalities.html", status=200 if moves is not None else 422, rows=rows,
                  count=len(rows), filters=filters, choices=await _choices(request), edit=place["id"], form=form, moves=moves)  # fmt: skip


HANDLERS = [list_municipalities, correct]
