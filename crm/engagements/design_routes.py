"""Pages on which pipelines are set up."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from crm.access import Actor, Permission, load
from crm.actions import reading
from crm.database import fetch
from crm.engagements import designing
from crm.engagements.forms import PipelineForm, StageForm
from crm.engagements.pipelines import pipelines, stage_name, stages_of
from crm.engagements.rules import NEEDS
from crm.errors import Denied, Invalid
from crm.forms import BoundForm, form_for, read_form
from crm.translation import _
from crm.web import AnyRequest, needs, redirect, render

DESIGNS = [needs(Permission.MANAGE_PIPELINES)]


@get("/pipelines", guards=DESIGNS)
async def show_pipelines(request: AnyRequest, actor: NamedDependency[Actor], board: FromQuery[UUID | None] = None) -> Response[str]:
    """What the board works with; without a board, what the state gives to all."""
    return await _page(request, actor, board or actor.home_board, form_for(PipelineForm))


async def _page(request: AnyRequest, actor: Actor, board_id: UUID | None, form: BoundForm, status: int = 200) -> Response[str]:
    board = await load(actor, "board", board_id) if board_id else None
    listed = await pipelines(board_id) if board_id else await fetch(
        "select * from pipeline where board_id is null and archived_at is null order by position, code"
    )  # fmt: skip
    shown = [(each, await stages_of(each["id"]), _may(actor, each["board_id"])) for each in listed]
    boards = await fetch("select id, name from board order by name") if not actor.board_ids else []
    return render(request, "pages/engagements/design/list.html", status=status, board=board, boards=boards, shown=shown, form=form,
                  may_own=_may(actor, board_id), stage_name=stage_name())  # fmt: skip


def _may(actor: Actor, board_id: UUID | None) -> bool:
    try:
        designing.require_design(actor, board_id)
    except Denied:
        return False
    return True


@post("/pipelines", guards=DESIGNS)
async def add_pipeline(request: AnyRequest, actor: NamedDependency[Actor], board: FromQuery[UUID | None] = None) -> Response[Any]:
    board_id = board or actor.home_board
    form = await read_form(PipelineForm, request)
    if form.validate():
        try:
            await designing.add_pipeline(actor, board_id, form.struct())
            return redirect(request, _list(board_id), say=_("The pipeline is there. Give it its stages."))
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        return await _page(request, actor, board_id, form, 422)


@get("/pipelines/{pipeline_id:uuid}/edit", guards=DESIGNS)
async def edit_pipeline(request: AnyRequest, actor: NamedDependency[Actor], pipeline_id: FromPath[UUID]) -> Response[str]:
    return await _pipeline_page(request, actor, pipeline_id, None)


async def _pipeline_page(request: AnyRequest, actor: Actor, pipeline_id: UUID, form: BoundForm | None) -> Response[str]:
    pipeline = await load(actor, "pipeline", pipeline_id)
    designing.require_design(actor, pipeline["board_id"])
    shown = form or form_for(PipelineForm, initial={"name_en": pipeline["name_en"], "name_es": pipeline["name_es"]})
    return render(request, "pages/engagements/design/pipeline.html", status=422 if form else 200, pipeline=pipeline, form=shown,
                  stage_name=stage_name(), back=_list(pipeline["board_id"]))  # fmt: skip


@post("/pipelines/{pipeline_id:uuid}/edit", guards=DESIGNS)
async def save_pipeline(request: AnyRequest, actor: NamedDependency[Actor], pipeline_id: FromPath[UUID]) -> Response[Any]:
    form = await read_form(PipelineForm, request)
    async with reading(actor):
        pipeline = await load(actor, "pipeline", pipeline_id)
        if not form.validate():
            return await _pipeline_page(request, actor, pipeline_id, form)
    await designing.rename_pipeline(actor, pipeline_id, form.struct())
    return redirect(request, _list(pipeline["board_id"]), say=_("Saved."))


@post("/pipelines/{pipeline_id:uuid}/put-away", guards=DESIGNS)
async def put_away_pipeline(request: AnyRequest, actor: NamedDependency[Actor], pipeline_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        pipeline = await load(actor, "pipeline", pipeline_id)
    await designing.put_away_pipeline(actor, pipeline_id)
    return redirect(request, _list(pipeline["board_id"]), say=_("It is put away. What was done on it stays on the timelines."))


@post("/boards/{board_id:uuid}/pipelines/{state_pipeline_id:uuid}/own", guards=DESIGNS)
async def make_own(
    request: AnyRequest, actor: NamedDependency[Actor], board_id: FromPath[UUID], state_pipeline_id: FromPath[UUID]
) -> Response[Any]:
    await designing.make_own(actor, state_pipeline_id, board_id)
    return redirect(request, _list(board_id), say=_("It is your board's own now. Change it as you like."))


@get("/pipelines/{pipeline_id:uuid}/stages/new", guards=DESIGNS)
async def new_stage(request: AnyRequest, actor: NamedDependency[Actor], pipeline_id: FromPath[UUID]) -> Response[str]:
    listed = await stages_of(pipeline_id)
    first = form_for(StageForm, initial={"position": 1 + sum(each["kind"] == "open" for each in listed), "kind": "open"})
    return await _stage_page(request, actor, pipeline_id, first)


@post("/pipelines/{pipeline_id:uuid}/stages/new", guards=DESIGNS)
async def add_stage(request: AnyRequest, actor: NamedDependency[Actor], pipeline_id: FromPath[UUID]) -> Response[Any]:
    form = await read_form(StageForm, request)
    async with reading(actor):
        pipeline = await load(actor, "pipeline", pipeline_id)
        if not form.validate():
            return await _stage_page(request, actor, pipeline_id, form, status=422)
    try:
        await designing.add_stage(actor, pipeline_id, form.struct())
    except Invalid as problem:
        form.refuse(problem)
        async with reading(actor):
            return await _stage_page(request, actor, pipeline_id, form, status=422)
    return redirect(request, _list(pipeline["board_id"]), say=_("Saved."))


async def _stage_page(
    request: AnyRequest, actor: Actor, pipeline_id: UUID, form: BoundForm, *, stage: dict[str, Any] | None = None, status: int = 200
) -> Response[str]:
    pipeline = await load(actor, "pipeline", pipeline_id)
    designing.require_design(actor, pipeline["board_id"])
    return render(request, "pages/engagements/design/stage.html", status=status, pipeline=pipeline, stage=stage, form=form, needs=list(NEEDS),
                  stage_name=stage_name(), back=_list(pipeline["board_id"]))  # fmt: skip


@get("/stages/{own_stage_id:uuid}/edit", guards=DESIGNS)
async def edit_stage(request: AnyRequest, actor: NamedDependency[Actor], own_stage_id: FromPath[UUID]) -> Response[str]:
    stage = await load(actor, "stage", own_stage_id)
    known = {key: stage[key] for key in ("name_en", "name_es", "kind", "position", "expected_days")}
    form = form_for(StageForm, initial=known | {f"needs_{need}": need in stage["needs"] for need in NEEDS})
    return await _stage_page(request, actor, stage["pipeline_id"], form, stage=stage)


@post("/stages/{own_stage_id:uuid}/edit", guards=DESIGNS)
async def save_stage(request: AnyRequest, actor: NamedDependency[Actor], own_stage_id: FromPath[UUID]) -> Response[Any]:
    form = await read_form(StageForm, request)
    async with reading(actor):
        stage = await load(actor, "stage", own_stage_id)
        pipeline = await load(actor, "pipeline", stage["pipeline_id"])
        if not form.validate():
            return await _stage_page(request, actor, stage["pipeline_id"], form, stage=stage, status=422)
    await designing.change_stage(actor, own_stage_id, form.struct())
    return redirect(request, _list(pipeline["board_id"]), say=_("Saved."))


@post("/stages/{own_stage_id:uuid}/put-away", guards=DESIGNS)
async def put_away_stage(request: AnyRequest, actor: NamedDependency[Actor], own_stage_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        pipeline = await load(actor, "pipeline", (await load(actor, "stage", own_stage_id))["pipeline_id"])
    await designing.put_away_stage(actor, own_stage_id)
    return redirect(request, _list(pipeline["board_id"]), say=_("It is put away. What was done in it stays on the timelines."))


def _list(board_id: UUID | None) -> str:
    return f"/pipelines?board={board_id}" if board_id else "/pipelines"


HANDLERS = [
    show_pipelines, add_pipeline, edit_pipeline, save_pipeline, put_away_pipeline, make_own, new_stage, add_stage, edit_stage, save_stage,
    put_away_stage,
]  # fmt: skip
