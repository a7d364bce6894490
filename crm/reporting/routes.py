"""Pages for leaders: the dashboard, the rows behind each number, how many establishments there are."""

from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from msgspec import Meta, Struct

from crm.access import Actor, Permission, Role, visible
from crm.actions import reading
from crm.database import Record, fetch
from crm.engagements.pipelines import stage_name
from crm.engagements.routes import today
from crm.errors import Denied, Invalid, NotFound
from crm.forms import BoundForm, form_for, read_form
from crm.reporting import actions, showing
from crm.reporting.forms import TotalForm
from crm.reporting.measures import MEASURES, Scope
from crm.reporting.rules import DEFINITIONS, PARTS, TITLES
from crm.sql import Sql
from crm.translation import _, exact_day
from crm.web import AnyRequest, needs, program_of, read_filters, redirect, render

SEES = [needs(Permission.SEE_PIPELINE)]
STATE = frozenset({Role.STATE_ADMIN, Role.STATE_ANALYST, Role.AUDITOR})


class Filters(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose figures; empty for the whole state, or for one's own board."""

    board: UUID | None = None


class RowFilters(Filters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    measure: Annotated[str, Meta(max_length=20)]
    part: Annotated[str, Meta(max_length=60, pattern="^[ -~]*$")] = ""
    name: Annotated[str, Meta(max_length=300, pattern="^[^\x00]*$")] = ""
    after: UUID | None = None


@get("/reports", guards=SEES)
async def show(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    """How are we doing?"""
    board_id = _board(actor, read_filters(request, Filters).board)
    boards = await _boards(actor)
    found = await showing.dashboard(actor, board_id, today(request))
    return render(
        request, "pages/reporting/dashboard.html", found=found, boards=boards, board_id=board_id, definitions=DEFINITIONS, parts=PARTS,
        stage_name=stage_name(), whole=bool(actor.roles & STATE), board=next((each for each in boards if each["id"] == board_id), None),
        rows_url=lambda measure, part="": _rows_url(measure, part, board_id),
    )  # fmt: skip


def _board(actor: Actor, wanted: UUID | None) -> UUID | None:
    """The board that is asked for; the state's own people see the whole state otherwise, and everyone else their board."""
    if wanted is None and not actor.roles & STATE:
        return actor.home_board
    if wanted is not None and not actor.roles & STATE and wanted not in actor.board_ids:
        raise NotFound(_("This page does not exist, or it is not yours to see."))
    return wanted


async def _boards(actor: Actor) -> list[Record]:
    """Those whose figures the actor may see."""
    whose = Sql("true") if actor.roles & STATE else Sql("b.id = any({})", sorted(actor.board_ids, key=str))
    return await fetch(Sql("select b.id, b.name from board b where {} and {} order by b.name", whose, visible(actor, "board", "b")))


def _rows_url(measure: str, part: str, board_id: UUID | None, **more: Any) -> str:
    given = {"measure": measure, "part": part, "board": board_id, **more}
    return f"/reports/rows?{urlencode({key: value for key, value in given.items() if value})}"


@get("/reports/rows", guards=SEES)
async def show_rows(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    """The same as a number counts, as they are now."""
    wanted = read_filters(request, RowFilters)
    if wanted.measure not in MEASURES:
        raise NotFound(_("This page does not exist, or it is not yours to see."))
    board_id = _board(actor, wanted.board)
    scope = Scope(actor, board_id, today(request), program_of(request).settings.time_zone)
    after = showing.Line(wanted.name, wanted.after) if wanted.after else None
    found = await showing.rows(scope, wanted.measure, wanted.part, after)
    last = found[showing.PAGE - 1] if len(found) > showing.PAGE else None
    return render(
        request, "pages/reporting/rows.html", rows=found[: showing.PAGE], title=_(TITLES[wanted.measure]), part=await _part(wanted),
        definition=_(DEFINITIONS.get(wanted.part) or DEFINITIONS.get(wanted.measure) or ""), board_id=board_id,
        more=_rows_url(wanted.measure, wanted.part, board_id, name=last["folded"], after=last["id"]) if last else "",
    )  # fmt: skip


async def _part(wanted: RowFilters) -> str:
    """Which part of a measure, in words."""
    from crm.templating import label

    if wanted.measure == "activity":
        return f"{label(wanted.part[11:])}, {wanted.part[:10]}"
    if wanted.measure == "employers":
        return _(PARTS.get(wanted.part, ""))
    if not wanted.part:
        return ""
    try:
        rows = await fetch("select name_en, name_es from stage where id = $1", UUID(wanted.part))
    except ValueError as problem:
        raise NotFound(_("This page does not exist, or it is not yours to see.")) from problem
    return rows[0][stage_name()] if rows else ""


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
    choices = {"board_id": [(str(board["id"]), board["name"]) for board in await _boards(actor)]}
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
