"""Pages of reports by mail: who gets which, and the way out that a mail carries; and a report as a PDF now."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from crm.access import Actor, Role
from crm.actions import reading
from crm.errors import Invalid
from crm.forms import BoundForm, form_for, read_form
from crm.reporting import actions, schedules, showing
from crm.reporting.forms import PaperForm, RhythmForm, ScheduleForm
from crm.reporting.routes import SEES
from crm.reporting.schedule_rules import WEEKDAYS
from crm.translation import _, language, speaking
from crm.web import AnyRequest, redirect, render, today

PAGE = "/reports/by-mail"
PUBLIC = {"public": True}


@post("/reports/paper", guards=SEES)
async def print_report(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    """In the language of whoever asks."""
    form = await read_form(PaperForm, request)
    if not form.validate():
        raise Invalid(_("This form is damaged. Load the page again."))
    job_id = await actions.ask_for_paper(actor, form.struct().board_id, language())
    return redirect(request, f"/jobs/{job_id}", say=_("The PDF is being made."))


@get(PAGE, guards=SEES)
async def show_schedules(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    return await _page(request, actor, await _form(request, actor, read=False))


async def _form(request: AnyRequest, actor: Actor, *, read: bool) -> BoundForm:
    choices = {"board_id": [(str(board["id"]), board["name"]) for board in await showing.boards(actor)],
               "account_id": [(str(person["id"]), person["name"]) for person in await schedules.colleagues(actor)]}  # fmt: skip
    return await read_form(ScheduleForm, request, choices=choices) if read else form_for(ScheduleForm, choices=choices, initial={"language": language()})


async def _page(request: AnyRequest, actor: Actor, form: BoundForm) -> Response[str]:
    listed = await schedules.listed(actor)
    return render(
        request, "pages/reporting/schedules.html", form=form, listed=listed, status=422 if form.errors or form.problems else 200, weekdays=WEEKDAYS,
        whole=bool(actor.roles & showing.STATE), manages=bool(actor.managed_board_ids) or Role.STATE_ADMIN in actor.roles,
        own=lambda row: row["account_id"] == actor.account_id or Role.STATE_ADMIN in actor.roles or row["board_id"] in actor.managed_board_ids,
    )  # fmt: skip


@post(PAGE, guards=SEES)
async def add_schedule(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    async with reading(actor):
        form = await _form(request, actor, read=True)
    if form.validate():
        try:
            await schedules.add(actor, form.struct(), today(request))
            return redirect(request, PAGE, say=_("Subscribed. The first mail comes on the day that the list shows."))
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        return await _page(request, actor, form)


@get("/reports/by-mail/{schedule_id:uuid}/edit", guards=SEES)
async def edit_schedule(request: AnyRequest, actor: NamedDependency[Actor], schedule_id: FromPath[UUID]) -> Response[str]:
    return await _edit_page(request, actor, schedule_id, None)


async def _edit_page(request: AnyRequest, actor: Actor, schedule_id: UUID, form: BoundForm | None) -> Response[str]:
    row = await schedules.own(actor, schedule_id, for_update=False)
    weekly = row["rhythm"] == "weekly"
    known = {"rhythm": row["rhythm"], "language": row["language"], "until": row["until"],
             **({"weekday": WEEKDAYS[row["day"] - 1]} if weekly else {"day": row["day"]})}  # fmt: skip
    shown = form or form_for(RhythmForm, initial=known)
    return render(request, "pages/reporting/schedule.html", status=422 if form else 200, form=shown, row=row)


@post("/reports/by-mail/{schedule_id:uuid}/edit", guards=SEES)
async def change_schedule(request: AnyRequest, actor: NamedDependency[Actor], schedule_id: FromPath[UUID]) -> Response[Any]:
    form = await read_form(RhythmForm, request)
    if form.validate():
        try:
            await schedules.change(actor, schedule_id, form.struct(), today(request))
            return redirect(request, PAGE, say=_("Saved."))
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        return await _edit_page(request, actor, schedule_id, form)


@post("/reports/by-mail/{schedule_id:uuid}/pause", guards=SEES)
async def pause_schedule(request: AnyRequest, actor: NamedDependency[Actor], schedule_id: FromPath[UUID]) -> Response[Any]:
    await schedules.pause(actor, schedule_id)
    return redirect(request, PAGE, say=_("Paused."), undo=f"{PAGE}/{schedule_id}/resume")


@post("/reports/by-mail/{schedule_id:uuid}/resume", guards=SEES)
async def resume_schedule(request: AnyRequest, actor: NamedDependency[Actor], schedule_id: FromPath[UUID]) -> Response[Any]:
    await schedules.resume(actor, schedule_id, today(request))
    return redirect(request, PAGE, say=_("It goes on with its next day."))


@post("/reports/by-mail/{schedule_id:uuid}/stop", guards=SEES)
async def stop_schedule(request: AnyRequest, actor: NamedDependency[Actor], schedule_id: FromPath[UUID]) -> Response[Any]:
    await schedules.stop(actor, schedule_id)
    return redirect(request, PAGE, say=_("Stopped. It can be subscribed to anew at any time."))


@get("/report-mails/{token:str}", opt=PUBLIC)
async def show_way_out(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    """A GET changes nothing, for mail scanners fetch links."""
    row = await schedules.whose_link(token)
    with speaking(row["language"]):
        return render(request, "pages/reporting/stop.html", row=row, token=token, stopped=row["stopped_at"] is not None)


@post("/report-mails/{token:str}", opt=PUBLIC, status_code=200)
async def take_way_out(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    row = await schedules.stop_by_link(token)
    with speaking(row["language"]):
        return render(request, "pages/reporting/stop.html", row=row, token=token, stopped=True)


HANDLERS = [print_report, show_schedules, add_schedule, edit_schedule, change_schedule, pause_schedule, resume_schedule, stop_schedule, show_way_out, take_way_out]
