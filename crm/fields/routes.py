"""Pages on which the state office sets up its fields, and the page of a value that is kept encrypted."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from crm.access import Actor, Permission, load
from crm.actions import reading
from crm.custom_fields import CHOSEN, MEASURED, SUBJECTS, WRITTEN
from crm.database import fetch
from crm.errors import Conflict, Invalid
from crm.fields import actions, showing
from crm.fields.definitions import Defined, declared, defined
from crm.fields.forms import FieldForm, NewFieldForm, ShiftForm, StartForm
from crm.fields.own import Own
from crm.forms import BoundForm, form_for, read_form
from crm.translation import _
from crm.web import AnyRequest, needs, read_filters, redirect, render

SEES = [needs(Permission.SEE_SETTINGS)]
MANAGES = [needs(Permission.MANAGE_FIELDS)]


@get("/fields", guards=SEES)
async def list_fields(request: AnyRequest) -> Response[str]:
    """Every field, also those put away and those of plugins that are off."""
    rows = await fetch("select d.*, (select count(*) from custom_value v where v.field_id = d.id and v.aside_at is null) as used from custom_field d "
                       "order by d.position, d.key")  # fmt: skip
    on = declared()
    shown = [(defined(row), row["used"], row["archived_at"], not row["owner"] or (row["subject"], row["key"]) in on) for row in rows]
    return render(request, "pages/fields/list.html", subjects=SUBJECTS, fields=shown)


class _Nothing(Struct, forbid_unknown_fields=True, kw_only=True):
    """A form without fields of its own, to show one field alone."""


def _preview(field: Defined) -> BoundForm:
    own = Own(field.subject, (field,), {})
    return form_for(own.form(_Nothing), choices=own.choices)


@get("/fields/new", guards=MANAGES)
async def new_field(request: AnyRequest) -> Response[str]:
    """First what it is about and what it holds, then the rest."""
    if not request.query_params:
        return render(request, "pages/fields/start.html", form=form_for(StartForm))
    asked = read_filters(request, StartForm)
    return _page(request, form_for(NewFieldForm, initial={"subject": asked.subject, "kind": asked.kind}), asked.subject, asked.kind)


def _page(request: AnyRequest, form: BoundForm, subject: str, kind: str, field: Defined | None = None, status: int = 200) -> Response[str]:
    asks = {"choices": kind in CHOSEN, "measured": kind in MEASURED, "unit": kind in ("number", "decimal"), "written": kind in WRITTEN}
    return render(request, "pages/fields/edit.html", status=status, form=form, subject=subject, kind=kind, field=field, asks=asks,
                  preview=_preview(field) if field else None)  # fmt: skip


@post("/fields/new", guards=MANAGES)
async def add_field(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    form = await read_form(NewFieldForm, request)
    if form.validate():
        try:
            field_id = await actions.add(actor, form.struct())
            return redirect(request, f"/fields/{field_id}", say=_("The field is there. This is how it looks in forms."))
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        return _page(request, form, str(form["subject"].data), str(form["kind"].data), status=422)


@get("/fields/{field_id:uuid}", guards=SEES)
async def show_field(request: AnyRequest, actor: NamedDependency[Actor], field_id: FromPath[UUID]) -> Response[str]:
    """One field as it looks in forms; of the state's own, to change."""
    row = await load(actor, "custom_field", field_id)
    initial = {name: row[name] for name in (*actions.CHANGES, "version")} | {"choices": actions.lines(row["choices"])}
    return _page(request, form_for(FieldForm, initial=initial), row["subject"], row["kind"], defined(row))


@post("/fields/{field_id:uuid}", guards=MANAGES)
async def change_field(request: AnyRequest, actor: NamedDependency[Actor], field_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        row = await load(actor, "custom_field", field_id)
    form = await read_form(FieldForm, request)
    if form.validate():
        try:
            await actions.change(actor, field_id, form.struct())
            return redirect(request, "/fields", say=_("Saved."))
        except Invalid as problem:
            form.refuse(problem)
        except Conflict as problem:
            form.problems.append(str(problem))
            form["version"].data = row["version"]
    async with reading(actor):
        return _page(request, form, row["subject"], row["kind"], defined(row), 422)


@post("/fields/{field_id:uuid}/shift", guards=MANAGES)
async def shift_field(request: AnyRequest, actor: NamedDependency[Actor], field_id: FromPath[UUID]) -> Response[Any]:
    form = await read_form(ShiftForm, request)
    if not form.validate():
        raise Invalid(_("This form is damaged. Load the page again."))
    await actions.shift(actor, field_id, form.struct().way)
    return redirect(request, "/fields")


@post("/fields/{field_id:uuid}/put-away", guards=MANAGES)
async def put_away(request: AnyRequest, actor: NamedDependency[Actor], field_id: FromPath[UUID]) -> Response[Any]:
    await actions.put_away(actor, field_id)
    return redirect(request, "/fields", say=_("It is off all forms and lists. Its values stay."), undo=f"/fields/{field_id}/restore")


@post("/fields/{field_id:uuid}/restore", guards=MANAGES)
async def restore(request: AnyRequest, actor: NamedDependency[Actor], field_id: FromPath[UUID]) -> Response[Any]:
    await actions.put_away(actor, field_id, restore=True)
    return redirect(request, "/fields", say=_("It is back, with the values that it had."))


@post("/field-values/{value_id:uuid}/show", guards=[needs(Permission.SEE_FEIN)])
async def show_sealed(request: AnyRequest, actor: NamedDependency[Actor], value_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        shown, employer_id = await showing.open_sealed(actor, value_id)
    return render(request, "pages/fields/sealed.html", shown=shown, back=f"/employers/{employer_id}")


HANDLERS = [list_fields, new_field, add_field, show_field, change_field, shift_field, put_away, restore, show_sealed]
