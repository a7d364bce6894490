"""Pages of the pipeline: its views, moves of one and of many."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from crm import api, industries
from crm.access import Actor, Permission, load, may, may_work_for
from crm.actions import reading
from crm.boards.colleagues import colleagues
from crm.bulk import asked as read_change
from crm.bulk import changed_said, undone_said
from crm.database import Record, fetch_one
from crm.employers.listing import sectors
from crm.engagements import actions, bulk, listing, pipeline
from crm.engagements import pipelines as kept
from crm.engagements.forms import DECLINE_REASONS, BulkChangeForm, StageMoveForm
from crm.engagements.pipeline import ROWS, Filters, NextCards
from crm.engagements.pipelines import stage_name
from crm.errors import Invalid, NotFound
from crm.forms import read_form
from crm.templating import label
from crm.translation import _, language
from crm.views import showing
from crm.views.showing import every_board
from crm.web import AnyRequest, filtered, is_htmx, needs, read_filters, redirect, render, stood_on, today


@get("/pipeline", guards=[needs(Permission.SEE_PIPELINE)])
async def show_pipeline(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    filters = read_filters(request, Filters)
    boards = await listing.boards_of(actor)
    chosen = listing.board_of(actor, filters, boards)
    if chosen is None:
        return render(request, "pages/engagements/pipeline.html", boards=[], board=None, filters=filters)
    board = await load(actor, "board", chosen)
    ways = await kept.every_stage(chosen)
    stages = listing.stages_of(ways, filters)
    people = await colleagues(chosen)
    return render(
        request, "pages/engagements/pipeline.html", block="shown", boards=boards, board=board, filters=filters, pipeline=stages[0],
        pipelines=[listed[0] for listed in ways.values()], stages=stages, pipeline_name=f"pipeline_{language()}", people=people, reasons=DECLINE_REASONS,
        sectors=sectors(), stage_name=stage_name(), today=today(request),
        may_move=may(actor, Permission.WORK_PIPELINE) and may_work_for(actor, chosen), address=filtered("/pipeline", filters),
        views=[(view, text, filtered("/pipeline", filters, view=view)) for view, text in _views()],
        write_url=filtered("/mailings/new", filters, view="board"), invite_url=filtered("/events/invite", filters, view="board"),
        enrol_url=filtered("/enrol", filters, view="board"), chips=_chips(filters, stages, people),
        saved=await showing.tabs(actor, listing.PIPELINE, filters, await every_board()), **await _view(request, actor, board["id"], stages, filters),
    )  # fmt: skip


def _views() -> list[tuple[str, str]]:
    return [("board", _("Cards")), ("table", _("Table")), ("funnel", _("Funnel"))]


async def _view(request: AnyRequest, actor: Actor, board_id: UUID, stages: list[Record], filters: Filters) -> dict[str, Any]:
    day = today(request)
    if filters.view == "board":
        return {"columns": await pipeline.columns(actor, board_id, stages, filters, day)}
    if filters.view == "funnel":
        return {"levels": await pipeline.funnel(actor, board_id, stages, filters, day)}
    before = api.after(filters.after, datetime, UUID) if filters.after else None
    found = await pipeline.rows(actor, board_id, stages[0]["pipeline_id"], filters, day, before=before, most=ROWS + 1)
    last = found[ROWS - 1] if len(found) > ROWS else None
    return {"rows": found[:ROWS], "after": api.cursor([last["stage_since"], last["id"]]) if last else ""}


def _chips(filters: Filters, stages: list[Record], people: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What it is narrowed to, in words, each with the address without it."""
    told = {str(stage["id"]): stage[stage_name()] for stage in stages}
    owners = {"me": _("Mine"), "none": _("No one's"), **dict(people)}
    due = {"overdue": _("Next step overdue"), "week": _("Next step due within a week"), "none": _("No next step")}
    said = {
        "q": f"“{filters.q}”", "owner": owners.get(filters.owner, filters.owner), "stage": told.get(str(filters.stage), ""),
        "due": due.get(filters.due, ""), "waiting": _("Longer here than expected"),
        "sector": industries.name(filters.sector) if filters.sector else "",
    }  # fmt: skip
    return [(text, filtered("/pipeline", filters, **{key: None})) for key, text in said.items() if getattr(filters, key)]


@get("/pipeline/{board_id:uuid}/{stage_id:uuid}", guards=[needs(Permission.SEE_PIPELINE)])
async def more_cards(
    request: AnyRequest, actor: NamedDependency[Actor], board_id: FromPath[UUID], stage_id: FromPath[UUID]
) -> Response[str]:
    filters = read_filters(request, NextCards)
    board = await load(actor, "board", board_id)
    stage = await fetch_one("select * from stage where id = $1", stage_id)
    if stage is None:
        raise NotFound(_("This page does not exist, or it is not yours to see."))
    cards = await pipeline.more_cards(actor, board_id, stage, filters, today(request))
    return render(
        request, "pages/engagements/cards.html", cards=cards, board=board, filters=filters, stage_id=stage_id, expected=stage["expected_days"],
        may_move=may(actor, Permission.WORK_PIPELINE) and may_work_for(actor, board_id), today=today(request),
    )  # fmt: skip


@get("/engagements/{engagement_id:uuid}/move", guards=[needs(Permission.WORK_PIPELINE)])
async def show_move(request: AnyRequest, actor: NamedDependency[Actor], engagement_id: FromPath[UUID]) -> Response[str]:
    """The choice of a stage: for a card's menu or the employer's page when it is opened, or as a page where there is no script."""
    card = await pipeline.card(actor, engagement_id)
    if card is None or not may_work_for(actor, card["board_id"]):
        raise NotFound(_("This page does not exist, or it is not yours to see."))
    return render(request, "pages/engagements/move.html", block="menu", card=card, reasons=DECLINE_REASONS,
                  on_board=is_htmx(request) and bool(stood_on(request, "/pipeline")),
                  stages=await kept.stages_of(card["pipeline_id"]), stage_name=stage_name())  # fmt: skip


@post("/engagements/{engagement_id:uuid}/move", guards=[needs(Permission.WORK_PIPELINE)])
async def move(request: AnyRequest, actor: NamedDependency[Actor], engagement_id: FromPath[UUID]) -> Response[Any]:
    """From the board (htmx) the moved card comes back; from a page, the page."""
    form = await read_form(StageMoveForm, request)
    if not form.validate():
        raise Invalid(_("Choose the stage to move to."))
    moved = await actions.move(actor, engagement_id, form.struct())
    stage = moved["stage"][stage_name()]
    if is_htmx(request) and request.headers.get("hx-target", "").startswith("card-"):
        async with reading(actor):
            card = await pipeline.card(actor, engagement_id)
            return render(request, "pages/engagements/moved.html", card=card, may_move=True, move_id=moved["move_id"],
                          today=today(request), said=_("Moved to %(stage)s.") % {"stage": stage})  # fmt: skip
    undo = f"/moves/{moved['move_id']}/undo" if moved["move_id"] else ""
    url = "/pipeline" if stood_on(request, "/pipeline|/engagements/[^/]+/move") else f"/employers/{moved['employer_id']}"
    return redirect(request, url, say=_("Moved to %(stage)s.") % {"stage": stage}, undo=undo)


@post("/moves/{move_id:uuid}/undo", guards=[needs(Permission.WORK_PIPELINE)])
async def undo_move(request: AnyRequest, actor: NamedDependency[Actor], move_id: FromPath[UUID]) -> Response[Any]:
    engagement = await actions.undo_move(actor, move_id)
    url = f"/pipeline?board={engagement['board_id']}" if stood_on(request, "/pipeline") else f"/employers/{engagement['employer_id']}"
    return redirect(request, url, say=_("The move is undone."))


@post("/pipeline/change", guards=[needs(Permission.WORK_PIPELINE)])
async def change_many(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    """First what would become of each; with `confirmed`, it is done."""
    typed = await request.form()
    async with reading(actor):
        people = await colleagues(actor.home_board) if actor.home_board else []
        asked = read_change(typed, BulkChangeForm, choices={"owner_id": people})
        wanted: BulkChangeForm = asked.form.struct()
        if not asked.confirmed:
            outcomes = await bulk.preview(actor, asked.chosen, wanted)
            stage = await fetch_one("select * from stage where id = $1", wanted.stage_id) if wanted.stage_id else None
            return render(request, "pages/engagements/change.html", outcomes=outcomes, wanted=wanted, stage=stage,
                          owner=dict(people).get(str(wanted.owner_id), ""), stage_name=stage_name(), reason=label(wanted.reason))  # fmt: skip
    change_id, count = await bulk.change(actor, asked.chosen, wanted)
    return redirect(request, "/pipeline?view=table", say=changed_said(count), undo=f"/pipeline/changes/{change_id}/undo")


@post("/pipeline/changes/{change_id:uuid}/undo", guards=[needs(Permission.WORK_PIPELINE)])
async def undo_many(request: AnyRequest, actor: NamedDependency[Actor], change_id: FromPath[UUID]) -> Response[Any]:
    undone, stayed = await bulk.undo(actor, change_id)
    return redirect(request, "/pipeline?view=table", say=undone_said(undone, stayed))


HANDLERS = [show_pipeline, more_cards, show_move, move, undo_move, change_many, undo_many]
