"""The pipeline on an employer's page: where they stand, and the next step."""

from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from crm.access import Actor, Permission, load, may
from crm.actions import reading
from crm.database import Record, fetch
from crm.engagements import actions
from crm.engagements import timeline as story
from crm.engagements.forms import DECLINE_REASONS, NextStepForm, StartForm, TaskForm
from crm.engagements.pipelines import every_stage
from crm.errors import Invalid
from crm.forms import BoundForm, form_for, read_form
from crm.translation import _
from crm.web import AnyRequest, needs, program_of, redirect, render


def today(request: AnyRequest) -> date:
    return datetime.now(ZoneInfo(program_of(request).settings.time_zone)).date()


@post("/employers/{employer_id:uuid}/engage", guards=[needs(Permission.WORK_PIPELINE)])
async def engage(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[Any]:
    form = await read_form(StartForm, request)
    if not form.validate():
        raise Invalid(_("Choose the board whose pipeline this employer joins."))
    chosen = form.struct()
    await actions.start(actor, employer_id, chosen.board_id, chosen.pipeline)
    return redirect(request, f"/employers/{employer_id}", say=_("On your pipeline now."))


@post("/engagements/{engagement_id:uuid}/plan", guards=[needs(Permission.WORK_PIPELINE)])
async def plan(request: AnyRequest, actor: NamedDependency[Actor], engagement_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        engagement = await load(actor, "engagement", engagement_id)
        form = await read_form(NextStepForm, request, choices={"owner_id": await colleagues(engagement["board_id"])})
    url = f"/employers/{engagement['employer_id']}"
    if not form.validate():
        return await _employer_again(request, actor, url, form)
    await actions.plan(actor, engagement_id, form.struct())
    return redirect(request, url, say=_("The next step is saved."))


async def _employer_again(request: AnyRequest, actor: Actor, url: str, form: BoundForm) -> Response[Any]:
    async with reading(actor):
        return render(request, "pages/engagements/form.html", status=422, form=form, back=url)


async def colleagues(board_id: UUID) -> list[tuple[str, str]]:
    rows = await fetch(
        "select distinct a.id, a.name from account a join role_grant g on g.account_id = a.id and g.revoked_at is null "
        "where g.board_id = $1 and a.disabled_at is null order by a.name",
        board_id,
    )
    return [(str(row["id"]), row["name"]) for row in rows]


async def side_context(actor: Actor, employer_id: UUID, today: date) -> dict[str, Any]:
    """What the employer page's pipeline side shows."""
    if not may(actor, Permission.SEE_PIPELINE):
        return {}
    boards = await story.in_touch(actor, employer_id, today)
    ours = [row for row in boards if row["board_id"] in actor.board_ids]
    home = actor.home_board
    people = await colleagues(home) if home else []
    stages = await every_stage(home) if home else {}
    there = {row["pipeline_id"] for row in ours}
    return {
        "in_touch": boards, "reasons": DECLINE_REASONS, "tasks": await story.open_tasks(actor, employer_id),
        "standing": [{"engagement": row, "stages": stages.get(row["pipeline_id"], []), "plan_form": _plan_form(row, people)} for row in ours],
        "not_on": [listed[0] for pipeline_id, listed in stages.items() if pipeline_id not in there],
        "task_form": _with_ids(form_for(TaskForm, choices={"assignee_id": people}), "task"),
        "works": may(actor, Permission.WORK_PIPELINE) and bool(actor.board_ids),
    }  # fmt: skip


def _plan_form(row: Record, people: list[tuple[str, str]]) -> BoundForm:
    form = form_for(
        NextStepForm, choices={"owner_id": people},
        initial={"next_step": row["next_step"], "next_step_due": row["next_step_due"], "slots": row["slots"],
                 "owner_id": str(row["owner_id"] or ""), "version": row["version"]},
    )  # fmt: skip
    return _with_ids(form, row["pipeline_code"])


def _with_ids(form: BoundForm, mark: str) -> BoundForm:
    """Its fields told apart from those of the other forms on the page."""
    for field in form:
        field.id = f"{field.name}-{mark}"
    return form


HANDLERS = [engage, plan]
