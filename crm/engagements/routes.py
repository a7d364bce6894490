"""Pages of the pipeline: today, the board, moves, the employer's timeline and side."""

from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from crm.access import Actor, Permission, load, may, may_work_for, visible
from crm.actions import reading
from crm.database import Record, fetch
from crm.engagements import actions, activities, pipeline
from crm.engagements import timeline as story
from crm.engagements.forms import DECLINE_REASONS, ActivityForm, NextStepForm, StageMoveForm, StartForm, TaskForm
from crm.errors import Conflict, Invalid, NotFound
from crm.forms import BoundForm, form_for, read_form
from crm.sql import Sql
from crm.translation import _, language
from crm.web import AnyRequest, is_htmx, needs, program_of, redirect, render


def today(request: AnyRequest) -> date:
    return datetime.now(ZoneInfo(program_of(request).settings.time_zone)).date()


def _stage_name() -> str:
    return f"name_{language()}"


@get("/today", guards=[needs(Permission.WORK_PIPELINE)])
async def show_today(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    """What should I do now?"""
    tasks = await fetch(
        Sql("select t.*, e.name as employer_name, e.city from task t left join employer e on e.id = t.employer_id and {} "
            "where t.assignee_id = {} and t.done_at is null and {} order by t.due nulls last limit 100",
            visible(actor, "employer", "e"), actor.account_id, visible(actor, "task", "t"))  # fmt: skip
    )
    steps = await fetch(
        Sql("select g.id, g.employer_id, g.next_step, g.next_step_due, e.name, e.city, s.name_en, s.name_es "
            "from engagement g join employer e on e.id = g.employer_id and {} join stage s on s.id = g.stage_id "
            "where g.owner_id = {} and g.archived_at is null and g.next_step <> '' and {} "
            "order by g.next_step_due nulls last limit 100",
            visible(actor, "employer", "e"), actor.account_id, visible(actor, "engagement", "g"))  # fmt: skip
    )
    return render(request, "pages/engagements/today.html", tasks=tasks, steps=steps, today=today(request),
                  stage_name=_stage_name())  # fmt: skip


@get("/pipeline", guards=[needs(Permission.SEE_PIPELINE)])
async def show_pipeline(
    request: AnyRequest, actor: NamedDependency[Actor], board: FromQuery[UUID | None] = None, mine: FromQuery[bool] = False
) -> Response[str]:
    boards = await fetch(
        Sql("select b.id, b.name from board b where {} order by b.name",
            Sql("b.id = any({})", sorted(actor.board_ids, key=str)) if actor.board_ids else visible(actor, "board", "b"))  # fmt: skip
    )
    chosen = board or actor.home_board or (boards[0]["id"] if boards else None)
    if chosen is None:
        return render(request, "pages/engagements/board.html", columns=[], boards=[], board=None, mine=mine,
                      may_move=False, stage_name=_stage_name())  # fmt: skip
    row = await load(actor, "board", chosen)
    columns = await pipeline.columns(actor, chosen, owner_id=actor.account_id if mine else None)
    return render(
        request, "pages/engagements/board.html", columns=columns, boards=boards, board=row, mine=mine,
        may_move=may(actor, Permission.WORK_PIPELINE) and may_work_for(actor, chosen), stage_name=_stage_name(),
    )  # fmt: skip


@get("/pipeline/{board_id:uuid}/{stage_id:uuid}", guards=[needs(Permission.SEE_PIPELINE)])
async def more_cards(
    request: AnyRequest, actor: NamedDependency[Actor], board_id: FromPath[UUID], stage_id: FromPath[UUID],
    before: FromQuery[datetime], before_id: FromQuery[UUID], mine: FromQuery[bool] = False,
) -> Response[str]:  # fmt: skip
    board = await load(actor, "board", board_id)
    cards = await pipeline.more_cards(actor, board_id, stage_id, before=before, before_id=before_id,
                                      owner_id=actor.account_id if mine else None)  # fmt: skip
    return render(
        request, "pages/engagements/cards.html", cards=cards, board=board, mine=mine, stage_id=stage_id,
        may_move=may(actor, Permission.WORK_PIPELINE) and may_work_for(actor, board_id),
    )  # fmt: skip


@post("/employers/{employer_id:uuid}/engage", guards=[needs(Permission.WORK_PIPELINE)])
async def engage(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[Any]:
    form = await read_form(StartForm, request)
    if not form.validate():
        raise Invalid(_("Choose the board whose pipeline this employer joins."))
    await actions.start(actor, employer_id, form.struct().board_id)
    return redirect(request, f"/employers/{employer_id}", say=_("On your pipeline now."))


@get("/engagements/{engagement_id:uuid}/move", guards=[needs(Permission.WORK_PIPELINE)])
async def show_move(request: AnyRequest, actor: NamedDependency[Actor], engagement_id: FromPath[UUID]) -> Response[str]:
    """The choice of a stage: for a card's menu when it is opened, or as a page where there is no script."""
    card = await pipeline.card(actor, engagement_id)
    if card is None or not may_work_for(actor, card["board_id"]):
        raise NotFound(_("This page does not exist, or it is not yours to see."))
    return render(request, "pages/engagements/move.html", block="menu", card=card, reasons=DECLINE_REASONS,
                  stages=await pipeline.stages(card["board_id"]), stage_name=_stage_name())  # fmt: skip


@post("/engagements/{engagement_id:uuid}/move", guards=[needs(Permission.WORK_PIPELINE)])
async def move(request: AnyRequest, actor: NamedDependency[Actor], engagement_id: FromPath[UUID]) -> Response[Any]:
    """From the board (htmx) the moved card comes back; from a page, the page."""
    form = await read_form(StageMoveForm, request)
    if not form.validate():
        raise Invalid(_("Choose the stage to move to."))
    moved = await actions.move(actor, engagement_id, form.struct())
    stage = moved["stage"][_stage_name()]
    if is_htmx(request) and request.headers.get("hx-target", "").startswith("card-"):
        async with reading(actor):
            card = await pipeline.card(actor, engagement_id)
            return render(request, "pages/engagements/moved.html", card=card, may_move=True, move_id=moved["move_id"],
                          said=_("Moved to %(stage)s.") % {"stage": stage})  # fmt: skip
    undo = f"/moves/{moved['move_id']}/undo" if moved["move_id"] else ""
    back = request.headers.get("referer", "")
    url = "/pipeline" if "/pipeline" in back or back.endswith("/move") else f"/employers/{moved['employer_id']}"
    return redirect(request, url, say=_("Moved to %(stage)s.") % {"stage": stage}, undo=undo)


@post("/moves/{move_id:uuid}/undo", guards=[needs(Permission.WORK_PIPELINE)])
async def undo_move(request: AnyRequest, actor: NamedDependency[Actor], move_id: FromPath[UUID]) -> Response[Any]:
    engagement = await actions.undo_move(actor, move_id)
    back = request.headers.get("referer", "")
    url = f"/pipeline?board={engagement['board_id']}" if "/pipeline" in back else f"/employers/{engagement['employer_id']}"
    return redirect(request, url, say=_("The move is undone."))


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


@post("/employers/{employer_id:uuid}/activities", guards=[needs(Permission.WORK_PIPELINE)])
async def log_activity(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        form = await read_form(ActivityForm, request, choices={"contact_id": await _people(actor, employer_id)})
    url = f"/employers/{employer_id}"
    if form.validate():
        try:
            activity_id = await activities.log_activity(
                actor, employer_id, form.struct(), zone=program_of(request).settings.time_zone, today=today(request)
            )
            return redirect(request, url, say=_("Logged."), undo=f"/activities/{activity_id}/remove")
        except Invalid as problem:
            form.refuse(problem)
    return await _employer_again(request, actor, url, form)


async def _people(actor: Actor, employer_id: UUID) -> list[tuple[str, str]]:
    rows = await fetch(
        Sql("select c.id as contact_id, c.given_name, c.family_name from contact c join affiliation f on f.contact_id = c.id "
            "where f.employer_id = {} and c.archived_at is null and {} and {} order by f.is_primary desc, c.family_name limit 100",
            employer_id, visible(actor, "contact", "c"), visible(actor, "affiliation", "f"))  # fmt: skip
    )
    return _named(rows)


def _named(contacts: list[Record]) -> list[tuple[str, str]]:
    return [(str(row["contact_id"]), f"{row['given_name']} {row['family_name']}".strip()) for row in contacts]


@post("/activities/{activity_id:uuid}/remove", guards=[needs(Permission.WORK_PIPELINE)])
async def remove_activity(request: AnyRequest, actor: NamedDependency[Actor], activity_id: FromPath[UUID]) -> Response[Any]:
    return await _removal(request, actor, activity_id, restore=False)


@post("/activities/{activity_id:uuid}/restore", guards=[needs(Permission.WORK_PIPELINE)])
async def restore_activity(request: AnyRequest, actor: NamedDependency[Actor], activity_id: FromPath[UUID]) -> Response[Any]:
    return await _removal(request, actor, activity_id, restore=True)


async def _removal(request: AnyRequest, actor: Actor, activity_id: UUID, *, restore: bool) -> Response[Any]:
    async with reading(actor):
        activity = await load(actor, "activity", activity_id)
    await activities.remove_activity(actor, activity_id, restore=restore)
    url = f"/employers/{activity['employer_id']}"
    if restore:
        return redirect(request, url, say=_("Back on the timeline."))
    return redirect(request, url, say=_("Taken off the timeline."), undo=f"/activities/{activity_id}/restore")


@get("/employers/{employer_id:uuid}/timeline", guards=[needs(Permission.SEE_PIPELINE)])
async def more_timeline(
    request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID],
    before: FromQuery[datetime | None] = None, before_id: FromQuery[UUID | None] = None, kind: FromQuery[str] = "",
) -> Response[str]:  # fmt: skip
    employer = await load(actor, "employer", employer_id)
    lines = await story.timeline(actor, employer_id, before=before, before_id=before_id, kind=kind[:20])
    return render(request, "pages/engagements/lines.html", employer=employer, timeline=lines, stage_name=_stage_name())


@post("/employers/{employer_id:uuid}/tasks", guards=[needs(Permission.WORK_PIPELINE)])
async def add_task(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        board = actor.home_board
        form = await read_form(TaskForm, request, choices={"assignee_id": await colleagues(board) if board else []})
    url = f"/employers/{employer_id}"
    if not form.validate():
        return await _employer_again(request, actor, url, form)
    await activities.add_task(actor, form.struct(), employer_id=employer_id)
    return redirect(request, url, say=_("The task is on the list."))


@post("/tasks/{task_id:uuid}/done", guards=[needs(Permission.WORK_PIPELINE)])
async def finish_task(request: AnyRequest, actor: NamedDependency[Actor], task_id: FromPath[UUID]) -> Response[Any]:
    await activities.finish_task(actor, task_id)
    return redirect(request, _back(request), say=_("Done."), undo=f"/tasks/{task_id}/reopen")


@post("/tasks/{task_id:uuid}/reopen", guards=[needs(Permission.WORK_PIPELINE)])
async def reopen_task(request: AnyRequest, actor: NamedDependency[Actor], task_id: FromPath[UUID]) -> Response[Any]:
    await activities.finish_task(actor, task_id, undo=True)
    return redirect(request, _back(request), say=_("Back on the list."))


def _back(request: AnyRequest) -> str:
    """The page of ours that the button stood on."""
    from urllib.parse import urlsplit

    path = urlsplit(request.headers.get("referer", "")).path
    return path if path.startswith("/employers/") else "/today"


async def side_context(actor: Actor, employer_id: UUID, contacts: list[Record]) -> dict[str, Any]:
    """What the employer page's pipeline side shows; `contacts` are the people that the page shows."""
    if not may(actor, Permission.SEE_PIPELINE):
        return {}
    boards = await story.in_touch(actor, employer_id)
    own = engagement = next((row for row in boards if row["board_id"] in actor.board_ids), None)
    people = await colleagues(engagement["board_id"]) if engagement else []
    plan_form = form_for(
        NextStepForm, choices={"owner_id": people},
        initial=None if engagement is None else {
            "next_step": engagement["next_step"], "next_step_due": engagement["next_step_due"],
            "slots": engagement["slots"], "owner_id": str(engagement["owner_id"] or ""), "version": engagement["version"],
        },
    )  # fmt: skip
    return {
        "in_touch": boards, "engagement": engagement, "own": own, "plan_form": plan_form,
        "stages": await pipeline.stages(engagement["board_id"]) if engagement else [],
        "reasons": DECLINE_REASONS, "tasks": await story.open_tasks(actor, employer_id),
        "log_form": form_for(ActivityForm, choices={"contact_id": _named(contacts)}),
        "task_form": form_for(TaskForm, choices={"assignee_id": people}),
        "works": may(actor, Permission.WORK_PIPELINE) and bool(actor.board_ids),
    }  # fmt: skip


HANDLERS = [
    show_today, show_pipeline, more_cards, engage, show_move, move, undo_move, plan, log_activity, remove_activity,
    restore_activity, more_timeline, add_task, finish_task, reopen_task,
]  # fmt: skip
__all__ = ["HANDLERS", "Conflict", "side_context"]
