"""Pages for leaders: the dashboard, the rows behind each number, how many establishments there are."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency

from crm import api
from crm.access import Actor, Permission, Role, visible
from crm.actions import reading
from crm.database import fetch
from crm.errors import Denied, Invalid
from crm.filters import chosen
from crm.forms import BoundForm, form_for, read_form
from crm.reporting import actions, listing, showing
from crm.reporting.forms import TotalForm
from crm.reporting.listing import Filters, RowFilters
from crm.reporting.measures import KEPT, SLOTS
from crm.reporting.panels import panels
from crm.reporting.showing import STATE
from crm.sql import Sql
from crm.translation import _, exact_day
from crm.web import AnyRequest, needs, read_filters, redirect, render, today

SEES = [needs(Permission.SEE_PIPELINE)]


@get("/reports", guards=SEES)
async def show(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    """How are we doing?"""
    board_id = showing.whose(actor, read_filters(request, Filters).board)
    boards = await showing.boards(actor)
    found = await showing.dashboard(actor, board_id, today(request))
    return render(
        request, "pages/reporting/dashboard.html", counted_at=found.counted_at, boards=boards, board_id=board_id, whole=bool(actor.roles & STATE),
        panels=panels(found, today(request), lambda measure, part="": _rows_url(measure, part, board_id)) if found.counted_at else [],
        board=next((each for each in boards if each["id"] == board_id), None),
    )  # fmt: skip


def _rows_url(measure: str, part: str, board_id: UUID | None, **more: Any) -> str:
    given = {"measure": measure, "part": part, "board": board_id, **more}
    return f"/reports/rows?{urlencode({key: value for key, value in given.items() if value})}"


@get("/reports/rows", guards=SEES)
async def show_rows(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    """The same as a number counts."""
    wanted = read_filters(request, RowFilters)
    scope = listing.scope_of(actor, wanted, today(request))
    after = showing.Line(*api.after(wanted.after, datetime, UUID)) if wanted.after else None
    found = await showing.rows(scope, wanted.measure, after)
    last = found[showing.PAGE - 1] if len(found) > showing.PAGE else None
    title, definition = await listing.heading(scope, wanted.measure)
    return render(
        request, "pages/reporting/rows.html", rows=found[: showing.PAGE], title=title, definition=definition, board_id=scope.board_id,
        detail=lambda row: listing.detail(wanted.measure, row), slots=wanted.measure in SLOTS, kept=wanted.measure in KEPT,
        query=urlencode(chosen(wanted, after="")),
        more=_rows_url(wanted.measure, wanted.part, scope.board_id, after=api.cursor([last["at"].isoformat(), last["id"]])) if last else "",
    )  # fmt: skip


@post("/reports/count", guards=SEES)
async def count(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    await actions.ask_for_count(actor)
    return redirect(request, "/reports", say=_("The figures are being counted anew. Load the page in a moment."))


@get("/reports/establishments", guards=SEES)
async def totals(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    if Role.STATE_ADMIN not in actor.roles:
        raise Denied(_("The state office says how many establishments there are."))
    return await _totals_page(request, actor, await _form(request, actor, read=False))


async def _form(request: AnyRequest, actor: Actor, *, read: bool) -> BoundForm:
    choices = {"board_id": [(str(board["id"]), board["name"]) for board in await showing.boards(actor)]}
    return await read_form(TotalForm, request, choices=choices) if read else form_for(TotalForm, choices=choices)


async def _totals_page(request: AnyRequest, actor: Actor, form: BoundForm) -> Response[str]:
    entered = await fetch(
        Sql("select t.*, b.name as board, a.name as by from establishment_total t left join board b on b.id = t.board_id "
            "left join account a on a.id = t.entered_by where {} order by t.entered_at desc limit 100", visible(actor, "establishment_total", "t"))  # fmt: skip
    )
    return render(request, "pages/reporting/totals.html", form=form, entered=entered, status=422 if form.errors or form.problems else 200)


@post("/reports/establishments", guards=SEES)
async def enter_total(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    async with reading(actor):
        form = await _form(request, actor, read=True)
    if form.validate():
        try:
            await actions.enter_total(actor, form.struct(), today(request))
            return redirect(request, "/reports", say=_("Entered, as of %(day)s.") % {"day": exact_day(form["as_of"].data)})
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        if Role.STATE_ADMIN not in actor.roles:
            raise Denied(_("The state office says how many establishments there are."))
        return await _totals_page(request, actor, form)


HANDLERS = [show, show_rows, count, totals, enter_total]
