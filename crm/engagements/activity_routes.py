"""Pages of what was done: log it from anywhere, change it, take it off, its files, who was named in it."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from crm.access import Actor, Permission, load
from crm.actions import reading
from crm.database import fetch
from crm.employers import searching
from crm.engagements import activities, attachments, log_forms, mentions, services
from crm.engagements.attachments import Upload
from crm.engagements.forms import ChangedActivityForm, LogForm
from crm.errors import Conflict, Invalid
from crm.forms import BoundForm, form_for, read_form
from crm.translation import _
from crm.web import AnyRequest, download, is_htmx, needs, program_of, redirect, render, today

WORKS = [needs(Permission.WORK_PIPELINE)]
SEES = [needs(Permission.SEE_PIPELINE)]
FILES = "files"  # the name of the field that takes files


@get("/log", guards=WORKS)
async def log_page(
    request: AnyRequest, actor: NamedDependency[Actor], employer: FromQuery[UUID | None] = None, q: FromQuery[str] = "",
    contact: FromQuery[UUID | None] = None,
) -> Response[str]:
    """First whom it was with, found as one types; then what was done."""
    if employer is None:
        return render(request, "pages/engagements/log_whom.html", block="found", q=q, rows=await _found(actor, q))
    return await _log_page(request, actor, employer, None, contact)


async def _found(actor: Actor, q: str) -> list[Any]:
    return await searching.suggest(actor, q[:200]) if len(q.strip()) > 1 else []


async def _log_page(request: AnyRequest, actor: Actor, employer_id: UUID, form: BoundForm | None, contact_id: UUID | None = None) -> Response[str]:
    employer = await load(actor, "employer", employer_id)
    shown = form or log_forms.empty(await log_forms.choices(actor, employer_id, today(request)), kind="call", contact_id=str(contact_id or ""))
    return render(request, "pages/engagements/log.html", block="form", status=422 if form else 200, employer=employer, form=shown, in_place=is_htmx(request))


@post("/employers/{employer_id:uuid}/activities", guards=WORKS)
async def log_activity(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        form = await read_form(LogForm, request, beside=(FILES,), choices=await log_forms.choices(actor, employer_id, today(request)))
    if form.validate():
        try:
            activity_id = await activities.log_activity(
                actor, employer_id, form.struct(), zone=program_of(request).settings.time_zone, today=today(request),
                uploads=await _uploads(request),
            )  # fmt: skip
            return redirect(request, f"/employers/{employer_id}", say=_("Logged."), undo=f"/activities/{activity_id}/remove")
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        return await _log_page(request, actor, employer_id, form)


async def _uploads(request: AnyRequest) -> list[Upload]:
    """The files that came. A field that was left empty comes as one without a name."""
    found = (await request.form()).getall(FILES, [])
    return [Upload(each.filename, await each.read()) for each in found if isinstance(each, UploadFile) and each.filename]


@get("/activities/{activity_id:uuid}", guards=SEES)
async def show_activity(request: AnyRequest, actor: NamedDependency[Actor], activity_id: FromPath[UUID]) -> Response[str]:
    """One activity, what it said before, and the form to change it for those who may."""
    return await _activity_page(request, actor, activity_id, None)


async def _activity_page(request: AnyRequest, actor: Actor, activity_id: UUID, form: BoundForm | None) -> Response[str]:
    activity = await load(actor, "activity", activity_id)
    employer = await load(actor, "employer", activity["employer_id"])
    changes, status = activities.may_change(actor, activity), 422 if form else 200
    if form is None and changes:
        known = {name: str(activity[name] or "") for name in activities.CHANGED} | {"service_code": activity["service_code"] or services.NONE}
        local = activity["at"].astimezone(ZoneInfo(program_of(request).settings.time_zone)).date()
        form = form_for(ChangedActivityForm, choices=await log_forms.choices(actor, employer["id"], today(request), activity["service_code"]),
                        initial=known | {"on": local, "version": activity["version"]})  # fmt: skip
    hanging = await fetch(
        "select h.id, n.name, n.size from activity_file h join stored_file n on n.id = h.file_id "
        "where h.activity_id = $1 and h.removed_at is null order by h.added_at, h.id", activity_id,
    )  # fmt: skip
    return render(
        request, "pages/engagements/activity.html", status=status, activity=activity, employer=employer, form=form if changes else None,
        history=await activities.history(actor, activity_id), hanging=hanging, changed=activities.in_words,
    )  # fmt: skip


@post("/activities/{activity_id:uuid}", guards=WORKS)
async def change_activity(request: AnyRequest, actor: NamedDependency[Actor], activity_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        activity = await load(actor, "activity", activity_id)
        activities.check_may_change(actor, activity)
        form = await read_form(ChangedActivityForm, request, beside=(FILES,), choices=await log_forms.choices(actor, activity["employer_id"], today(request), activity["service_code"]))
    if form.validate():
        try:
            typed = form.struct()
            change_id = await activities.change_activity(
                actor, activity_id, typed, typed.version, zone=program_of(request).settings.time_zone, today=today(request), uploads=await _uploads(request)
            )
            undo = f"/activity-changes/{change_id}/undo" if change_id else ""
            return redirect(request, f"/employers/{activity['employer_id']}", say=_("Saved."), undo=undo)
        except (Invalid, Conflict) as problem:
            form.refuse(problem) if isinstance(problem, Invalid) else form.problems.append(str(problem))
            form["version"].data = activity["version"]
    async with reading(actor):
        return await _activity_page(request, actor, activity_id, form)


@post("/activity-changes/{activity_change_id:uuid}/undo", guards=WORKS)
async def undo_change(request: AnyRequest, actor: NamedDependency[Actor], activity_change_id: FromPath[UUID]) -> Response[Any]:
    activity = await activities.undo_change(actor, activity_change_id, zone=program_of(request).settings.time_zone)
    return redirect(request, f"/employers/{activity['employer_id']}", say=_("It says again what it said before."))


@post("/activities/{activity_id:uuid}/remove", guards=WORKS)
async def remove_activity(request: AnyRequest, actor: NamedDependency[Actor], activity_id: FromPath[UUID]) -> Response[Any]:
    return await _removal(request, actor, activity_id, restore=False)


@post("/activities/{activity_id:uuid}/restore", guards=WORKS)
async def restore_activity(request: AnyRequest, actor: NamedDependency[Actor], activity_id: FromPath[UUID]) -> Response[Any]:
    return await _removal(request, actor, activity_id, restore=True)


async def _removal(request: AnyRequest, actor: Actor, activity_id: UUID, *, restore: bool) -> Response[Any]:
    async with reading(actor):
        activity = await load(actor, "activity", activity_id)
    await activities.remove_activity(actor, activity_id, zone=program_of(request).settings.time_zone, restore=restore)
    url = f"/employers/{activity['employer_id']}"
    if restore:
        return redirect(request, url, say=_("Back on the timeline."))
    return redirect(request, url, say=_("Taken off the timeline."), undo=f"/activities/{activity_id}/restore")


@get("/attachments/{attachment_id:uuid}", guards=SEES)
async def fetch_attachment(actor: NamedDependency[Actor], attachment_id: FromPath[UUID]) -> Response[bytes]:
    name, media_type, body = await attachments.fetched(actor, attachment_id)
    return download(body, name, media_type)


@post("/attachments/{attachment_id:uuid}/remove", guards=WORKS)
async def remove_attachment(request: AnyRequest, actor: NamedDependency[Actor], attachment_id: FromPath[UUID]) -> Response[Any]:
    activity_id = await attachments.take_off(actor, attachment_id)
    return redirect(request, f"/activities/{activity_id}", say=_("The file is taken off."), undo=f"/attachments/{attachment_id}/restore")


@post("/attachments/{attachment_id:uuid}/restore", guards=WORKS)
async def restore_attachment(request: AnyRequest, actor: NamedDependency[Actor], attachment_id: FromPath[UUID]) -> Response[Any]:
    activity_id = await attachments.take_off(actor, attachment_id, restore=True)
    return redirect(request, f"/activities/{activity_id}", say=_("The file is back."))


@post("/mentions/{mention_id:uuid}/seen", guards=WORKS)
async def see_mention(request: AnyRequest, actor: NamedDependency[Actor], mention_id: FromPath[UUID]) -> Response[Any]:
    await mentions.put_away(actor, mention_id)
    return redirect(request, "/today", say=_("Put away."), undo=f"/mentions/{mention_id}/again")


@post("/mentions/{mention_id:uuid}/again", guards=WORKS)
async def keep_mention(request: AnyRequest, actor: NamedDependency[Actor], mention_id: FromPath[UUID]) -> Response[Any]:
    await mentions.put_away(actor, mention_id, again=True)
    return redirect(request, "/today", say=_("Back on your day."))


HANDLERS = [
    log_page, log_activity, show_activity, change_activity, undo_change, remove_activity, restore_activity, fetch_attachment,
    remove_attachment, restore_attachment, see_mention, keep_mention,
]  # fmt: skip
