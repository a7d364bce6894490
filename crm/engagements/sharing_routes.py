"""Share one entry of the timeline, and end a share of it or of single facts."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from crm.access import Actor, Permission, load
from crm.actions import reading
from crm.engagements import sharing
from crm.engagements.forms import ShareActivityForm
from crm.errors import Invalid
from crm.forms import BoundForm, form_for, read_form
from crm.translation import _
from crm.web import AnyRequest, needs, redirect, render, today

WORKS = [needs(Permission.WORK_PIPELINE)]


@get("/activities/{activity_id:uuid}/share", guards=WORKS)
async def show_share(request: AnyRequest, actor: NamedDependency[Actor], activity_id: FromPath[UUID]) -> Response[str]:
    return await _page(request, actor, activity_id)


async def _page(request: AnyRequest, actor: Actor, activity_id: UUID, form: BoundForm | None = None) -> Response[str]:
    activity = await sharing.own_activity(actor, activity_id)
    employer = await load(actor, "employer", activity["employer_id"])
    form = form or form_for(ShareActivityForm, choices={"board_id": await sharing.other_boards(actor)})
    return render(request, "pages/engagements/share.html", status=422 if form.errors else 200, activity=activity, employer=employer, form=form)


@post("/activities/{activity_id:uuid}/share", guards=WORKS)
async def share(request: AnyRequest, actor: NamedDependency[Actor], activity_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        form = await read_form(ShareActivityForm, request, choices={"board_id": await sharing.other_boards(actor)})
        activity = await sharing.own_activity(actor, activity_id)
    if form.validate():
        try:
            await sharing.share_activity(actor, activity_id, form.struct(), today(request))
            return redirect(request, f"/employers/{activity['employer_id']}", say=_("They may read this entry, until that day."))
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        return await _page(request, actor, activity_id, form)


@post("/shared-parts/{part_id:uuid}/end", guards=WORKS)
async def end_part(request: AnyRequest, actor: NamedDependency[Actor], part_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        part = await load(actor, "shared_part", part_id)
    await sharing.unshare_part(actor, part_id)
    return redirect(request, f"/employers/{part['employer_id']}/courtesy", say=_("They see it no more."))


HANDLERS = [show_share, share, end_part]
