"""The directory for programs."""

from collections.abc import Collection, Mapping
from typing import Annotated, Any, get_args
from uuid import UUID

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import UNSET, Meta, Struct

from crm import api
from crm.access import Actor, Permission, load, visible
from crm.actions import reading
from crm.api_creating import once
from crm.database import fetch
from crm.employers import actions, searching
from crm.employers.api_shapes import (
    Employer,
    EmployerChange,
    EmployerLine,
    Establishment,
    NewEmployer,
    NewEstablishment,
)
from crm.employers.forms import EmployerForm, EstablishmentForm, NewEmployerForm
from crm.employers.searching import Filters, ListFilters, Sort, SortOrField
from crm.errors import Invalid
from crm.fields import listing as added
from crm.fields import sorting
from crm.fields.api import named
from crm.fields.definitions import fields as fields_of
from crm.fields.own import own
from crm.fields.showing import by_key
from crm.sql import Sql
from crm.translation import _
from crm.web import AnyRequest

TAG = "Employers"


class SiteQuery(Struct, frozen=True):
    after: api.After = ""


class DirectoryQuery(Filters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the page's list is narrowed to and sorted by, without what it shows."""

    sort: SortOrField = "name"  # type: ignore[assignment]
    added: Annotated[str, Meta(description="Added fields: key:code, with commas between; establishment.key:code, contact.key:code", max_length=400)] = ""


@api.lists("/employers", Permission.SEE_DIRECTORY, TAG, "List employers", query=DirectoryQuery)
async def list_employers(request: AnyRequest, actor: NamedDependency[Actor]) -> api.Page[EmployerLine]:
    """Find employers by words, narrow the list, sort it. With “q”, the best matches come first, 300 at most."""
    query = api.query_of(request, DirectoryQuery)
    fields = await fields_of(actor)
    runs = sorting.runs_of(fields, query.sort)
    _check(query, {*get_args(Sort), *(name for name, _words in sorting.offered(fields))}, added.answers(actor, fields))
    filters = msgspec.convert(msgspec.structs.asdict(query) | {"added": added.keys(query.added.split(","))}, ListFilters)
    found = await searching.list_employers(actor, filters, runs=runs)
    values = await by_key(actor, "employer", [row["id"] for row in found.rows])
    return api.Page([api.shown(EmployerLine, row, fields=values.get(row["id"], {})) for row in found.rows], found.after or None)


def _check(query: DirectoryQuery, orders: Collection[str], answers: Collection[str]) -> None:
    """A field that is not there, and one that is not theirs to see, are refused alike. Raises `Invalid`."""
    given = {"sort": ((query.sort,), orders), "added": (added.keys(query.added.split(",")), answers)}
    problems = {
        name: _("%(found)s is none of the choices.") % {"found": f"“{asked}”"} + " " + _("Allowed: %(choices)s.") % {"choices": ", ".join(sorted(allowed)) or "–"}
        for name, (every, allowed) in given.items() for asked in every if asked not in allowed
    }  # fmt: skip
    if problems:
        raise Invalid(_("Some fields are not right; each is named under “fields”."), fields=problems)


@api.reads("/employers/{employer_id:uuid}", Permission.SEE_DIRECTORY, TAG, "Read an employer")
async def read_employer(actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[Employer]:
    """One employer, with its version as ETag."""
    return await _employer(actor, employer_id)


async def _employer(actor: Actor, employer_id: UUID, **more: Any) -> Response[Employer]:
    async with reading(actor):
        row = await load(actor, "employer", employer_id)
        values = await by_key(actor, "employer", [employer_id])
    return api.answer(api.shown(Employer, row, fields=values.get(employer_id, {})), row["version"], **more)


@api.creates("/employers", Permission.EDIT_EMPLOYERS, TAG, "Add an employer")
async def create_employer(request: AnyRequest, actor: NamedDependency[Actor], data: NewEmployer) -> Response[Employer]:
    """Someone like it who is here already is a 409 that names them; send “anyway” when it is another employer all the same."""
    given = msgspec.structs.asdict(data) | {"dbas": "\n".join(data.dbas)}
    async with reading(actor):
        kind, added = (await own(actor, "employer")).sent(NewEmployerForm, data.fields, new=True)
    form = kind(**{name: value for name, value in given.items() if name not in {"on_match", "fields"}}, **added)

    async def create() -> UUID:
        with named():
            return await actions.create_employer(actor, form, source="api", asked=data.on_match)

    employer_id, again = await once(request, actor, create)
    return await _employer(actor, employer_id, status=201, again=again)


@api.changes("/employers/{employer_id:uuid}", Permission.EDIT_EMPLOYERS, TAG, "Change an employer")
async def change_employer(
    request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID], data: EmployerChange
) -> Response[Employer]:
    """Changes the fields that are given, if the employer is still at the version that If-Match names."""
    async with api.changing(request, actor, "employer", employer_id) as row:
        kind, added = (await own(actor, "employer", employer_id)).sent(EmployerForm, data.fields or {})
        with named():
            await actions.change_employer(actor, employer_id, _changed(row, data, kind, added))
    return await _employer(actor, employer_id)


def _changed(row: Mapping[str, Any], data: EmployerChange, kind: type[EmployerForm], added: dict[str, Any]) -> EmployerForm:
    given = {name: value for name, value in msgspec.structs.asdict(data).items() if value is not UNSET and name != "fields"}
    names = ("name", "dbas", "former_names", "ownership", "employee_count", "naics", "website", "phone", "status", "note", "version")
    values = {name: row[name] for name in names} | given
    return kind(**values | {name: "\n".join(values[name]) for name in ("dbas", "former_names")} | added)


@api.lists("/employers/{employer_id:uuid}/establishments", Permission.SEE_DIRECTORY, TAG, "List establishments", query=SiteQuery)
async def list_establishments(
    request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]
) -> api.Page[Establishment]:
    """The worksites of an employer."""
    await load(actor, "employer", employer_id)
    query = api.query_of(request, SiteQuery)
    start = Sql("s.id > {}", *api.after(query.after, UUID)) if query.after else Sql("true")
    rows = await fetch(
        Sql(f"select s.* from establishment s where s.employer_id = {{}} and s.archived_at is null and {{}} and {{}} "
            f"order by s.id limit {api.PAGE + 1}", employer_id, start, visible(actor, "establishment", "s"))  # fmt: skip
    )
    values = await by_key(actor, "establishment", [row["id"] for row in rows])
    return api.page([dict(row) | {"fields": values.get(row["id"], {})} for row in rows], Establishment, "id")


@api.creates("/employers/{employer_id:uuid}/establishments", Permission.EDIT_EMPLOYERS, TAG, "Add an establishment")
async def create_establishment(
    request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID], data: NewEstablishment
) -> Response[Establishment]:
    """It falls to a board by its address."""
    async with reading(actor):
        kind, added = (await own(actor, "establishment")).sent(EstablishmentForm, data.fields, new=True)
    form = kind(**{name: value for name, value in msgspec.structs.asdict(data).items() if name != "fields"}, **added)
    with named():
        site_id, again = await once(request, actor, lambda: actions.add_establishment(actor, employer_id, form))
    async with reading(actor):
        row = await load(actor, "establishment", site_id)
        values = await by_key(actor, "establishment", [site_id])
    return api.answer(api.shown(Establishment, row, fields=values.get(site_id, {})), row["version"], status=201, again=again)


HANDLERS = [
    list_employers, read_employer, create_employer, change_employer, list_establishments, create_establishment,
]  # fmt: skip
