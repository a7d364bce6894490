"""The pipeline on an employer's page: where they stand, and the next step."""

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from crm.access import Actor, Permission, load, may, may_work_for
from crm.actions import reading
from crm.boards.colleagues import colleagues
from crm.engagements import actions, pipeline
from crm.engagements import timeline as story
from crm.engagements.forms import NextStepForm, StartForm
from crm.engagements.pipelines import pipelines
from crm.errors import Invalid, NotFound
from crm.forms import BoundForm, form_for, read_form
from crm.translation import _
from crm.web import AnyRequest, needs, redirect, render


@post("/employers/{employer_id:uuid}/engage", guards=[needs(Permission.WORK_PIPELINE)])
async def engage(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[Any]:
    form = await read_form(StartForm, request)
    if not form.validate():
        raise Invalid(_("Choose the board whose pipeline this employer joins."))
    chosen = form.struct()
    await actions.start(actor, employer_id, chosen.board_id, chosen.pipeline)
    return redirect(request, f"/employers/{employer_id}", say=_("On your pipeline now."))


@get("/engagements/{engagement_id:uuid}/plan", guards=[needs(Permission.WORK_PIPELINE)])
async def plan_page(request: AnyRequest, actor: NamedDependency[Actor], engagement_id: FromPath[UUID]) -> Response[str]:
    """The next step: within the employer's page when it is opened, or a page of its own."""
    return await _plan_page(request, actor, engagement_id, None)


async def _plan_page(request: AnyRequest, actor: Actor, engagement_id: UUID, form: BoundForm | None) -> Response[str]:
    card = await pipeline.card(actor, engagement_id)
    if card is None or not may_work_for(actor, card["board_id"]):
        raise NotFound(_("This page does not exist, or it is not yours to see."))
    shown = form or form_for(
        NextStepForm, choices={"owner_id": await colleagues(card["board_id"])},
        initial={"next_step": card["next_step"], "next_step_due": card["next_step_due"], "slots": card["slots"],
                 "owner_id": str(card["owner_id"] or ""), "version": card["version"]},
    )  # fmt: skip
    # its fields told apart from those of the other forms that are opened on the employer's page
    for field in shown:
        field.id = f"{field.name}-{engagement_id}"
    return render(request, "pages/engagements/plan.html", block="form", status=422 if form else 200, card=card, form=shown)


@post("/engagements/{engagement_id:uuid}/plan", guards=[needs(Permission.WORK_PIPELINE)])
async def plan(request: AnyRequest, actor: NamedDependency[Actor], engagement_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        engagement = await load(actor, "engagement", engagement_id)
        form = await read_form(NextStepForm, request, choices={"owner_id": await colleagues(engagement["board_id"])})
        if not form.validate():
            return await _plan_page(request, actor, engagement_id, form)
    await actions.plan(actor, engagement_id, form.struct())
    return redirect(request, f"/employers/{engagement['employer_id']}", say=_("The next step is saved."))


async def side_context(actor: Actor, employer_id: UUID, today: date) -> dict[str, Any]:
    """What the employer page's pipeline side shows."""
    if not may(actor, Permission.SEE_PIPELINE):
        return {}
    boards = await story.in_touch(actor, employer_id, today)
    ours = [row for row in boards if row["board_id"] in actor.board_ids]
    there = {row["pipeline_id"] for row in ours}
    open_to_us = await pipelines(actor.home_board) if actor.home_board else []
    return {
        "in_touch": boards, "tasks": await story.open_tasks(actor, employer_id), "standing": ours,
        "not_on": [each for each in open_to_us if each["id"] not in there],
        "works": may(actor, Permission.WORK_PIPELINE) and bool(actor.board_ids),
    }  # fmt: skip


HANDLERS = [engage, plan_page, plan]
