"""Pages of people at an employer."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from crm import merging
from crm.access import Actor, Permission, load, visible
from crm.actions import reading
from crm.contacts import actions, reachability
from crm.contacts.forms import ContactForm, NewContactForm
from crm.contacts.knowing import Known, KnownThere
from crm.database import fetch
from crm.errors import Invalid
from crm.fields.own import Own, own
from crm.forms import BoundForm, form_for, read_form
from crm.merging import EditConflict
from crm.sql import Sql
from crm.translation import _
from crm.web import AnyRequest, needs, redirect, render


async def site_choices(actor: Actor, employer_id: UUID | None) -> dict[str, list[tuple[str, str]]]:
    sites = await fetch(
        Sql("select s.id, s.name, s.line1, s.city from establishment s where s.employer_id = {} and s.archived_at is null "
            "and {} order by s.is_primary desc limit 50", employer_id, visible(actor, "establishment", "s"))  # fmt: skip
    )
    return {"establishment_id": [(str(s["id"]), s["name"] or f"{s['line1']} {s['city']}".strip()) for s in sites]}


@get("/employers/{employer_id:uuid}/people/new", guards=[needs(Permission.EDIT_EMPLOYERS)])
async def new_page(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[str]:
    added = await own(actor, "contact")
    form = form_for(added.form(NewContactForm), initial=added.initial, choices=await site_choices(actor, employer_id) | added.choices)
    return await _page(request, actor, employer_id, form, added)


async def _page(
    request: AnyRequest, actor: Actor, employer_id: UUID, form: BoundForm, added: Own, *, person: Any = None, status: int = 200,
    conflict: EditConflict | None = None, known: Sequence[Known] = (),
) -> Response[str]:  # fmt: skip
    employer = await load(actor, "employer", employer_id)
    return render(request, "pages/contacts/edit.html", status=409 if conflict else status, employer=employer, form=form, own=added,
                  person=person, conflict=conflict, known=known)  # fmt: skip


@post("/employers/{employer_id:uuid}/people/new", guards=[needs(Permission.EDIT_EMPLOYERS)])
async def add(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        added = await own(actor, "contact")
        form = await read_form(added.form(NewContactForm), request, choices=await site_choices(actor, employer_id) | added.choices)
    known: list[Known] = []
    if form.validate():
        try:
            await actions.add_contact(actor, employer_id, data := form.struct(), anyway=data.anyway)
            return redirect(request, f"/employers/{employer_id}", say=_("The person is saved."))
        except KnownThere as problem:
            known = problem.found
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        return await _page(request, actor, employer_id, form, added, status=422, known=known)


@get("/affiliations/{affiliation_id:uuid}/edit", guards=[needs(Permission.EDIT_EMPLOYERS)])
async def edit_page(request: AnyRequest, actor: NamedDependency[Actor], affiliation_id: FromPath[UUID]) -> Response[str]:
    affiliation = await load(actor, "affiliation", affiliation_id)
    person = await load(actor, "contact", affiliation["contact_id"])
    added = await own(actor, "contact", person["id"])
    shown = _editable(affiliation, person) | added.shown
    initial = shown | added.initial | {
        "version": person["version"], "base": merging.shown(shown), "establishment_id": str(affiliation["establishment_id"] or ""),
    }  # fmt: skip
    form = form_for(added.form(ContactForm), initial=initial, choices=await site_choices(actor, affiliation["employer_id"]) | added.choices)
    return await _page(request, actor, affiliation["employer_id"], form, added, person=person)


def _editable(affiliation: Mapping[str, Any], person: Mapping[str, Any]) -> dict[str, Any]:
    names = [field.name for field in msgspec.structs.fields(ContactForm) if field.name not in {"version", "base"}]
    return {name: affiliation[name] if name in affiliation else person[name] for name in names}


@post("/affiliations/{affiliation_id:uuid}/edit", guards=[needs(Permission.EDIT_EMPLOYERS)])
async def change(request: AnyRequest, actor: NamedDependency[Actor], affiliation_id: FromPath[UUID]) -> Response[Any]:
    conflict = None
    async with reading(actor):
        affiliation = await load(actor, "affiliation", affiliation_id)
        added = await own(actor, "contact", affiliation["contact_id"])
        form = await read_form(added.form(ContactForm), request, choices=await site_choices(actor, affiliation["employer_id"]) | added.choices)
    if form.validate():
        try:
            kept = await actions.change_contact(actor, affiliation_id, form.struct())
            return redirect(request, f"/employers/{affiliation['employer_id']}", say=form.saved(kept, _("The person is saved.")))
        except EditConflict as problem:
            conflict = problem
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        affiliation = await load(actor, "affiliation", affiliation_id)
        person = await load(actor, "contact", affiliation["contact_id"])
        added = await own(actor, "contact", affiliation["contact_id"])
        if conflict:
            form["base"].data = merging.shown_again(form["base"].data, _editable(affiliation, person) | added.shown, conflict)
        return await _page(request, actor, affiliation["employer_id"], form, added, person=person, status=422, conflict=conflict)


@post("/address-marks/{address_mark_id:uuid}/clear", guards=[needs(Permission.EDIT_EMPLOYERS)])
async def clear_mark(request: AnyRequest, actor: NamedDependency[Actor], address_mark_id: FromPath[UUID]) -> Response[Any]:
    await reachability.clear(actor, address_mark_id)
    return redirect(request, _back(request), say=_("Mail goes to this address again."), undo=f"/address-marks/{address_mark_id}/restore")


@post("/address-marks/{address_mark_id:uuid}/restore", guards=[needs(Permission.EDIT_EMPLOYERS)])
async def restore_mark(request: AnyRequest, actor: NamedDependency[Actor], address_mark_id: FromPath[UUID]) -> Response[Any]:
    await reachability.clear(actor, address_mark_id, undo=True)
    return redirect(request, _back(request), say=_("The address is marked again."))


def _back(request: AnyRequest) -> str:
    """The employer's page that the button stood on."""
    path = urlsplit(request.headers.get("referer", "")).path
    return path if path.startswith("/employers/") and path.count("/") == 2 else "/employers"


HANDLERS = [new_page, add, edit_page, change, clear_mark, restore_mark]
