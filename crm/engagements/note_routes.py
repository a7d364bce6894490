"""Pages of one note to many employers, from the list of employers or from a pipeline."""

from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import msgspec
from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from crm.access import Actor, Permission
from crm.actions import reading
from crm.bulk import CHOSEN, picked
from crm.employers import searching
from crm.engagements import noting, services
from crm.engagements.forms import NoteForm
from crm.errors import Invalid
from crm.forms import BoundForm, form_for, read_form
from crm.translation import _, ngettext
from crm.web import AnyRequest, needs, program_of, redirect, render, today

WORKS = [needs(Permission.WORK_PIPELINE)]
HOW_IT_LOOKS = ("columns", "saved", "after")  # what of the list's address is not about who is on it
FILTERS = "filters"  # what the list is narrowed to


@post("/notes", guards=WORKS, status_code=200)
async def choose(request: AnyRequest, actor: NamedDependency[Actor], of: FromQuery[str] = "") -> Response[str]:
    """Who gets it and who does not, with the note to write: those who are ticked, or all that the list shows."""
    typed = await request.form()
    async with reading(actor):
        ticked = picked(typed)
        if of == "engagements":
            chosen = await noting.of_engagements(actor, ticked)
        else:
            chosen = ticked or await searching.ids(actor, _filters(str(typed.get(FILTERS, ""))), noting.MOST + 1)
        return await _page(request, actor, chosen, form_for(NoteForm, choices=await _choices(request), initial={"kind": "note"}))


def _filters(address: str) -> searching.Filters:
    try:
        asked = {name: value for name, value in parse_qsl(address) if name not in HOW_IT_LOOKS}
        return msgspec.convert(asked, searching.Filters, strict=False)
    except msgspec.ValidationError as problem:
        raise Invalid(_("This page's address is damaged. Open the list from the start.")) from problem


async def _page(request: AnyRequest, actor: Actor, chosen: list[UUID], form: BoundForm, status: int = 200) -> Response[str]:
    outcomes = await noting.preview(actor, chosen)
    return render(request, "pages/engagements/note.html", status=status, outcomes=outcomes, form=form)


async def _choices(request: AnyRequest) -> dict[str, list[tuple[str, str]]]:
    return {"service_code": services.choices(await services.known(), today(request))}


@post("/notes/write", guards=WORKS)
async def write(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    chosen = picked(await request.form())
    async with reading(actor):
        form = await read_form(NoteForm, request, beside=(CHOSEN,), choices=await _choices(request))
    if form.validate():
        try:
            zone = program_of(request).settings.time_zone
            change_id, count = await noting.write(actor, chosen, form.struct(), zone=zone, today=today(request))
            said = ngettext("The note is on %(num)s timeline.", "The note is on %(num)s timelines.", count) % {"num": count}
            return redirect(request, "/employers", say=said, undo=f"/notes/{change_id}/undo")
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        return await _page(request, actor, chosen, form, 422)


@post("/notes/{note_id:uuid}/undo", guards=WORKS)
async def undo(request: AnyRequest, actor: NamedDependency[Actor], note_id: FromPath[UUID]) -> Response[Any]:
    undone, stayed = await noting.undo(actor, note_id, zone=program_of(request).settings.time_zone)
    said = ngettext("The note is off %(num)s timeline.", "The note is off %(num)s timelines.", undone) % {"num": undone}
    if stayed:
        said += " " + ngettext("%(num)s stays: someone changed it since.", "%(num)s stay: someone changed them since.", stayed) % {"num": stayed}
    return redirect(request, "/employers", say=said)


HANDLERS = [choose, write, undo]
