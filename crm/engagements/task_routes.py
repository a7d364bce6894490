"""Pages of what is to be done: today, the list of tasks, one task."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from crm.access import Actor, Permission, load
from crm.actions import reading
from crm.boards.colleagues import colleagues
from crm.engagements import agenda, mentions, tasks
from crm.engagements.agenda import Filters
from crm.engagements.forms import ChangedTaskForm, TaskForm
from crm.engagements.listing import TASKS
from crm.engagements.pipelines import stage_name
from crm.errors import Conflict, Invalid
from crm.forms import BoundForm, form_for, read_form
from crm.translation import _
from crm.views import showing
from crm.views.showing import every_board
from crm.web import AnyRequest, filtered, needs, read_filters, redirect, render, stood_on, today

WORKS = [needs(Permission.WORK_PIPELINE)]


@get("/today", guards=WORKS)
async def show_today(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    """What should I do now?"""
    return await _today_page(request, actor, None)


async def _today_page(request: AnyRequest, actor: Actor, form: BoundForm | None) -> Response[str]:
    found = await agenda.items(actor, stage_name())
    return render(request, "pages/engagements/today.html", status=422 if form else 200, today=today(request),
                  groups=agenda.grouped(found, today(request)), mentions=await mentions.waiting(actor),
                  replies=await agenda.replies(actor), form=form or await _new_form(actor))  # fmt: skip


async def _new_form(actor: Actor) -> BoundForm:
    return form_for(TaskForm, choices=await _choices(actor))


async def _choices(actor: Actor) -> dict[str, list[tuple[str, str]]]:
    return {"assignee_id": await colleagues(actor.home_board) if actor.home_board else []}


@get("/tasks", guards=WORKS)
async def list_tasks(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    filters = read_filters(request, Filters)
    whose = [("me", _("Mine")), ("board", _("My board's")), ("none", _("No one's yet"))]
    states = [("open", _("Open")), ("done", _("Done")), ("dropped", _("Dropped"))]
    return render(
        request, "pages/engagements/tasks.html", tasks=await agenda.tasks(actor, filters), filters=filters, today=today(request),
        whose=[(value, text, filtered("/tasks", filters, whose=value)) for value, text in whose],
        states=[(value, text, filtered("/tasks", filters, state=value)) for value, text in states],
        saved=await showing.tabs(actor, TASKS, filters, await every_board()),
    )  # fmt: skip


@post("/tasks", guards=WORKS)
async def add_task(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    """One that is about no employer, or about none yet."""
    form = await _added(request, actor, None)
    if form is None:
        return redirect(request, "/today", say=_("The task is on the list."))
    async with reading(actor):
        return await _today_page(request, actor, form)


async def _added(request: AnyRequest, actor: Actor, employer_id: UUID | None) -> BoundForm | None:
    """Add the task that was typed; the form, where something is to be mended in it."""
    async with reading(actor):
        form = await read_form(TaskForm, request, choices=await _choices(actor))
    if form.validate():
        try:
            await tasks.add_task(actor, form.struct(), employer_id=employer_id)
            return None
        except Invalid as problem:
            form.refuse(problem)
    return form


@get("/employers/{employer_id:uuid}/tasks/new", guards=WORKS)
async def new_task(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[str]:
    """Within the employer's page when it is opened, or a page of its own."""
    return await _new_task_page(request, actor, employer_id, None)


async def _new_task_page(request: AnyRequest, actor: Actor, employer_id: UUID, form: BoundForm | None) -> Response[str]:
    employer, shown = await load(actor, "employer", employer_id), form or await _new_form(actor)
    for field in shown:
        field.id = f"task-{field.name}"
    return render(request, "pages/engagements/new_task.html", block="form", status=422 if form else 200, employer=employer, form=shown)


@post("/employers/{employer_id:uuid}/tasks", guards=WORKS)
async def add_employers_task(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[Any]:
    form = await _added(request, actor, employer_id)
    if form is None:
        return redirect(request, f"/employers/{employer_id}", say=_("The task is on the list."))
    async with reading(actor):
        return await _new_task_page(request, actor, employer_id, form)


@get("/tasks/{task_id:uuid}/edit", guards=WORKS)
async def edit_task(request: AnyRequest, actor: NamedDependency[Actor], task_id: FromPath[UUID]) -> Response[str]:
    return await _task_page(request, actor, task_id, None)


async def _task_page(request: AnyRequest, actor: Actor, task_id: UUID, form: BoundForm | None) -> Response[str]:
    task = await load(actor, "task", task_id)
    employer = await load(actor, "employer", task["employer_id"]) if task["employer_id"] else None
    known = {key: task[key] for key in ("title", "note", "due", "repeats", "version")} | {"assignee_id": str(task["assignee_id"] or "")}
    shown = form or form_for(ChangedTaskForm, choices={"assignee_id": await colleagues(task["board_id"])}, initial=known)
    return render(request, "pages/engagements/task.html", status=422 if form else 200, task=task, employer=employer, form=shown)


@post("/tasks/{task_id:uuid}/edit", guards=WORKS)
async def save_task(request: AnyRequest, actor: NamedDependency[Actor], task_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        task = await load(actor, "task", task_id)
        form = await read_form(ChangedTaskForm, request, choices={"assignee_id": await colleagues(task["board_id"])})
    if form.validate():
        try:
            typed = form.struct()
            await tasks.change_task(actor, task_id, typed, typed.version)
            return redirect(request, "/today", say=_("Saved."))
        except Invalid as problem:
            form.refuse(problem)
        except Conflict as problem:
            form.problems.append(str(problem))
            form["version"].data = task["version"]
    async with reading(actor):
        return await _task_page(request, actor, task_id, form)


@post("/tasks/{task_id:uuid}/done", guards=WORKS)
async def finish_task(request: AnyRequest, actor: NamedDependency[Actor], task_id: FromPath[UUID]) -> Response[Any]:
    await tasks.finish_task(actor, task_id, today(request))
    return redirect(request, _back(request), say=_("Done."), undo=f"/tasks/{task_id}/reopen")


@post("/tasks/{task_id:uuid}/reopen", guards=WORKS)
async def reopen_task(request: AnyRequest, actor: NamedDependency[Actor], task_id: FromPath[UUID]) -> Response[Any]:
    await tasks.finish_task(actor, task_id, today(request), undo=True)
    return redirect(request, _back(request), say=_("Back on the list."))


@post("/tasks/{task_id:uuid}/drop", guards=WORKS)
async def drop_task(request: AnyRequest, actor: NamedDependency[Actor], task_id: FromPath[UUID]) -> Response[Any]:
    await tasks.drop_task(actor, task_id)
    return redirect(request, _back(request), say=_("Dropped."), undo=f"/tasks/{task_id}/restore")


@post("/tasks/{task_id:uuid}/restore", guards=WORKS)
async def restore_task(request: AnyRequest, actor: NamedDependency[Actor], task_id: FromPath[UUID]) -> Response[Any]:
    await tasks.drop_task(actor, task_id, restore=True)
    return redirect(request, _back(request), say=_("Back on the list."))


def _back(request: AnyRequest) -> str:
    return stood_on(request, "/tasks|/employers/[^/]+") or "/today"


HANDLERS = [
    show_today, list_tasks, add_task, new_task, add_employers_task, edit_task, save_task, finish_task, reopen_task, drop_task, restore_task,
]  # fmt: skip
