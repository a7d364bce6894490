"""Pages of words to write with."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from crm.access import Actor, Permission, Role, load, may_work_for
from crm.actions import reading
from crm.errors import Conflict, Invalid
from crm.forms import BoundForm, form_for, read_form
from crm.outreach import templates
from crm.outreach.forms import TemplateForm
from crm.outreach.rules import EVENT_FIELDS, EXAMPLE, FIELDS, filled
from crm.translation import _
from crm.web import AnyRequest, needs, redirect, render

WORKS = [needs(Permission.WORK_PIPELINE)]


@get("/email-templates", guards=WORKS)
async def list_templates(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    return render(request, "pages/outreach/templates.html", templates=await templates.listed(actor))


@get("/email-templates/new", guards=WORKS)
async def new_template(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    return await _page(request, actor, None, form_for(TemplateForm))


async def _page(request: AnyRequest, actor: Actor, template_id: UUID | None, form: BoundForm, status: int = 200) -> Response[str]:
    template = await load(actor, "email_template", template_id) if template_id else None
    mine = template is None or (may_work_for(actor, template["board_id"]) if template["board_id"] else Role.STATE_ADMIN in actor.roles)
    texts = [(form[f"subject_{code}"].data or "", form[f"body_{code}"].data or "") for code in ("en", "es")]
    example = [(filled(subject, EXAMPLE), filled(body, EXAMPLE)) for subject, body in texts if body]
    return render(request, "pages/outreach/template.html", status=status, words=template, form=form, fields=FIELDS, event_fields=EVENT_FIELDS, mine=mine, example=example)


@post("/email-templates/new", guards=WORKS)
async def add_template(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    form = await read_form(TemplateForm, request)
    if form.validate():
        try:
            template_id = await templates.add(actor, form.struct())
            return redirect(request, f"/email-templates/{template_id}/edit", say=_("Saved. See below how it reads."))
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        return await _page(request, actor, None, form, 422)


@get("/email-templates/{template_id:uuid}/edit", guards=WORKS)
async def edit_template(request: AnyRequest, actor: NamedDependency[Actor], template_id: FromPath[UUID]) -> Response[str]:
    row = await load(actor, "email_template", template_id)
    return await _page(request, actor, template_id, form_for(TemplateForm, initial={name: row[name] for name in ("name", *templates.TEXTS, "version")}))


@post("/email-templates/{template_id:uuid}/edit", guards=WORKS)
async def save_template(request: AnyRequest, actor: NamedDependency[Actor], template_id: FromPath[UUID]) -> Response[Any]:
    form = await read_form(TemplateForm, request)
    if form.validate():
        try:
            await templates.change(actor, template_id, form.struct())
            return redirect(request, f"/email-templates/{template_id}/edit", say=_("Saved. See below how it reads."))
        except Invalid as problem:
            form.refuse(problem)
        except Conflict as problem:
            form.problems.append(str(problem))
    async with reading(actor):
        return await _page(request, actor, template_id, form, 422)


@post("/email-templates/{template_id:uuid}/put-away", guards=WORKS)
async def put_away(request: AnyRequest, actor: NamedDependency[Actor], template_id: FromPath[UUID]) -> Response[Any]:
    await templates.put_away(actor, template_id)
    return redirect(request, "/email-templates", say=_("It is put away."), undo=f"/email-templates/{template_id}/restore")


@post("/email-templates/{template_id:uuid}/restore", guards=WORKS)
async def restore(request: AnyRequest, actor: NamedDependency[Actor], template_id: FromPath[UUID]) -> Response[Any]:
    await templates.put_away(actor, template_id, restore=True)
    return redirect(request, "/email-templates", say=_("It is back."))


HANDLERS = [list_templates, new_template, add_template, edit_template, save_template, put_away, restore]
