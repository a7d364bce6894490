"""Pages of services: what was given to whom, as a page and a file, and the list of codes."""

import asyncio
import io
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from crm import audit
from crm.access import Actor, Permission, load, may_manage, visible
from crm.actions import reading
from crm.database import Record, fetch
from crm.engagements import service_report, services
from crm.engagements.forms import NewServiceForm, ServiceForm
from crm.engagements.service_report import Filters
from crm.errors import Conflict, Invalid
from crm.forms import BoundForm, form_for, read_form
from crm.rulebook.services import KINDS
from crm.spreadsheets import writing
from crm.sql import Sql
from crm.templating import label
from crm.translation import _
from crm.web import AnyRequest, download, filtered, needs, program_of, read_filters, redirect, render, today

SEES = [needs(Permission.SEE_PIPELINE)]
DESIGNS = [needs(Permission.MANAGE_PIPELINES)]


@get("/services", guards=SEES)
async def show_services(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    filters = read_filters(request, Filters)
    since, until = days = service_report.period(filters, today(request))
    listed = await services.known()
    rows, after = await service_report.by_worksite(actor, filters, days, program_of(request).settings.time_zone)
    boards = await fetch(Sql("select b.id, b.name from board b where {} order by b.name", visible(actor, "board", "b")))
    return render(
        request, "pages/engagements/services/report.html", block="shown", filters=filters, since=since, until=until, rows=rows, codes=listed,
        names=services.names(listed), boards=boards, next=filtered("/services", filters, after=after) if after else "",
        files=[(kind.upper(), filtered(f"/services/report.{kind}", filters, since=since, until=until)) for kind in ("csv", "xlsx")],
    )  # fmt: skip


@get("/services/report.csv", guards=SEES)
async def as_csv(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[bytes]:
    return await _file(request, actor, writing.write_csv, "services.csv", "text/csv; charset=utf-8")


@get("/services/report.xlsx", guards=SEES)
async def as_xlsx(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[bytes]:
    return await _file(request, actor, writing.write_xlsx, "services.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")


async def _file(request: AnyRequest, actor: Actor, write: Callable[..., int], name: str, media_type: str) -> Response[bytes]:
    """Each service a row; that it left is on record first."""
    filters = read_filters(request, Filters)
    days = service_report.period(filters, today(request))
    async with reading(actor):
        rows = await service_report.each(actor, filters, days, program_of(request).settings.time_zone)
        named = services.names(await services.known())
    output = io.BytesIO()
    cells = [_cells(row, named) for row in rows]
    await asyncio.to_thread(write, output, _headers(), cells)
    await audit.record_disclosure(actor, "services.exported", subject_kind="services", board_id=filters.board)
    return download(output.getvalue(), name, media_type)


def _headers() -> list[str]:
    return [_("Date"), _("Code"), _("Service"), _("Kind"), _("Employer"), _("Worksite"), _("Address"), _("Town"), _("State"), _("ZIP code"),
            _("What came of it"), _("In one line"), _("Board"), _("Who")]  # fmt: skip


def _cells(row: Record, named: dict[str, str]) -> Sequence[date | str]:
    return [row["day"], row["service_code"], named.get(row["service_code"], ""), label(row["kind"]), row["name"], row["site_name"] or "",
            row["line1"] or "", row["city"] or "", row["state"] or "", row["zip"] or "", label(row["outcome"]), row["summary"], row["board"] or "",
            row["by_name"] or ""]  # fmt: skip


@get("/service-codes", guards=SEES)
async def list_codes(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    """Every code, where it comes from, and its days."""
    return render(request, "pages/engagements/services/codes.html", codes=await services.known(), keeps=may_manage(actor, None), today=today(request))


@get("/service-codes/new", guards=DESIGNS)
async def new_code(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    services.require_state(actor)
    return _code_page(request, None, form_for(NewServiceForm, initial={"first_day": today(request)}))


def _code_page(request: AnyRequest, code: dict[str, Any] | None, form: BoundForm, status: int = 200) -> Response[str]:
    return render(request, "pages/engagements/services/code.html", status=status, code=code, form=form, kinds=KINDS)


@post("/service-codes/new", guards=DESIGNS)
async def add_code(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    services.require_state(actor)
    form = await read_form(NewServiceForm, request)
    if form.validate():
        try:
            await services.add_code(actor, form.struct())
            return redirect(request, "/service-codes", say=_("The code is on the list."))
        except (Invalid, Conflict) as problem:
            _refuse(form, problem)
    async with reading(actor):
        return _code_page(request, None, form, 422)


@get("/service-codes/{code_id:uuid}/edit", guards=DESIGNS)
async def edit_code(request: AnyRequest, actor: NamedDependency[Actor], code_id: FromPath[UUID]) -> Response[str]:
    services.require_state(actor)
    code = await load(actor, "service_code", code_id)
    initial = {name: code[name] for name in ("name_en", "name_es", "citation", "source", "first_day", "last_day", "version")}
    return _code_page(request, code, form_for(ServiceForm, initial=initial | {f"for_{kind}": kind in code["kinds"] for kind in KINDS}))


@post("/service-codes/{code_id:uuid}/edit", guards=DESIGNS)
async def save_code(request: AnyRequest, actor: NamedDependency[Actor], code_id: FromPath[UUID]) -> Response[Any]:
    services.require_state(actor)
    async with reading(actor):
        code = await load(actor, "service_code", code_id)
    form = await read_form(ServiceForm, request)
    if form.validate():
        try:
            await services.change_code(actor, code_id, form.struct())
            return redirect(request, "/service-codes", say=_("Saved."))
        except (Invalid, Conflict) as problem:
            _refuse(form, problem)
            form["version"].data = code["version"]
    async with reading(actor):
        return _code_page(request, code, form, 422)


def _refuse(form: BoundForm, problem: Invalid | Conflict) -> None:
    if isinstance(problem, Invalid):
        form.refuse(problem)
    else:
        form.problems.append(str(problem))


HANDLERS = [show_services, as_csv, as_xlsx, list_codes, new_code, add_code, edit_code, save_code]
