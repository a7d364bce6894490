"""Pages of pledges: record one, look at it, count what became of it, withdraw it."""

from typing import Any, get_args
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from crm.access import Actor, Permission, load, may, may_work_for, visible
from crm.actions import reading
from crm.contacts import present
from crm.database import Record, fetch, fetch_one
from crm.engagements.pipelines import RECRUIT, stage_name
from crm.errors import Conflict, Invalid, NotFound
from crm.forms import BoundForm, form_for, read_form
from crm.pledges import actions, drives, listing
from crm.pledges.forms import PledgeForm, ProgressForm, WithdrawForm, WithdrawReason
from crm.sql import Sql
from crm.translation import _, language
from crm.web import AnyRequest, needs, redirect, render, today

READS = [needs(Permission.SEE_PIPELINE)]
WORKS = [needs(Permission.WORK_PIPELINE)]
PLEDGED = "pledged"  # the code of the stage that a pledge suggests


@get("/employers/{employer_id:uuid}/pledges/new", guards=WORKS)
async def new_pledge(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[str]:
    choices = await _choices(actor, employer_id)
    first = {name: rows[0][0] for name, rows in choices.items() if len(rows) == 1} | ({"drive_id": choices["drive_id"][0][0]} if choices["drive_id"] else {})
    return await _form_page(request, actor, employer_id, form_for(PledgeForm, choices=choices, initial=first))


async def _choices(actor: Actor, employer_id: UUID, drive_id: UUID | None = None) -> dict[str, list[tuple[str, str]]]:
    sites = await fetch(
        Sql("select s.id, s.name, s.line1, s.city from establishment s where s.employer_id = {} and s.archived_at is null and {} "
            "order by s.is_primary desc, s.city limit 100", employer_id, visible(actor, "establishment", "s"))  # fmt: skip
    )
    return {
        "drive_id": [(str(row["id"]), row[f"name_{language()}"]) for row in await drives.open_to(actor, drive_id)],
        "establishment_id": [(str(row["id"]), ", ".join(filter(None, (row["name"], row["line1"], row["city"])))) for row in sites],
        "contact_id": await present.choices(actor, employer_id, past=True),
    }


async def _form_page(request: AnyRequest, actor: Actor, employer_id: UUID, form: BoundForm, pledge: Record | None = None, status: int = 200) -> Response[str]:
    return render(request, "pages/pledges/form.html", status=status, employer=await load(actor, "employer", employer_id), form=form, pledge=pledge,
                  any_drive=bool(form["drive_id"].choices), runs=may(actor, Permission.MANAGE_PIPELINES))  # fmt: skip


@post("/employers/{employer_id:uuid}/pledges/new", guards=WORKS)
async def add_pledge(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        form = await read_form(PledgeForm, request, choices=await _choices(actor, employer_id))
    if form.validate():
        try:
            pledge_id = await actions.add(actor, employer_id, form.struct(), today=today(request))
            return redirect(request, f"/pledges/{pledge_id}", say=_("The pledge is recorded. Thank them!"), undo=f"/pledges/{pledge_id}/mistake")
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        return await _form_page(request, actor, employer_id, form, status=422)


@get("/pledges/{pledge_id:uuid}", guards=READS)
async def show_pledge(request: AnyRequest, actor: NamedDependency[Actor], pledge_id: FromPath[UUID]) -> Response[str]:
    return await _page(request, actor, pledge_id, form_for(ProgressForm))


async def _page(request: AnyRequest, actor: Actor, pledge_id: UUID, form: BoundForm, status: int = 200) -> Response[str]:
    pledge = await listing.one(actor, pledge_id)
    if pledge is None:
        raise NotFound(_("This page does not exist, or it is not yours to see."))
    works = may(actor, Permission.WORK_PIPELINE) and may_work_for(actor, pledge["board_id"])
    return render(
        request, "pages/pledges/pledge.html", status=status, pledge=pledge, history=await listing.history(actor, pledge_id), form=form, works=works,
        screens=works and may(actor, Permission.ESTIMATE), reasons=get_args(WithdrawReason), drive_name=f"drive_{language()}", stage_name=stage_name(),
        suggestion=await _suggestion(actor, pledge) if works and pledge["withdrawn_at"] is None else None,
    )  # fmt: skip


async def _suggestion(actor: Actor, pledge: Record) -> Record | None:
    """The engagement that stands before the stage of those who pledged, with that stage. A person decides."""
    return await fetch_one(
        Sql("select g.id, g.version, s.name_en as from_en, s.name_es as from_es, t.id as stage_id, t.name_en, t.name_es from engagement g "
            "join pipeline p on p.id = g.pipeline_id and p.code = {} join stage s on s.id = g.stage_id join stage t on t.pipeline_id = p.id "
            "and t.code = {} and t.archived_at is null where g.employer_id = {} and g.board_id = {} and g.archived_at is null "
            "and s.kind = 'open' and s.position < t.position and {}",
            RECRUIT, PLEDGED, pledge["employer_id"], pledge["board_id"], visible(actor, "engagement", "g"))  # fmt: skip
    )


@get("/pledges/{pledge_id:uuid}/edit", guards=WORKS)
async def edit_pledge(request: AnyRequest, actor: NamedDependency[Actor], pledge_id: FromPath[UUID]) -> Response[str]:
    pledge = await _own(actor, pledge_id)
    known = {name: str(pledge[name] or "") for name in ("drive_id", "establishment_id", "contact_id")}
    initial = {name: pledge[name] for name in (*actions.FIELDS, "version")} | known
    form = form_for(PledgeForm, choices=await _choices(actor, pledge["employer_id"], pledge["drive_id"]), initial=initial)
    return await _form_page(request, actor, pledge["employer_id"], form, pledge)


async def _own(actor: Actor, pledge_id: UUID) -> Record:
    pledge = await listing.one(actor, pledge_id)
    if pledge is None or not may_work_for(actor, pledge["board_id"]):
        raise NotFound(_("This page does not exist, or it is not yours to see."))
    return pledge


@post("/pledges/{pledge_id:uuid}/edit", guards=WORKS)
async def save_pledge(request: AnyRequest, actor: NamedDependency[Actor], pledge_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        pledge = await _own(actor, pledge_id)
        form = await read_form(PledgeForm, request, choices=await _choices(actor, pledge["employer_id"], pledge["drive_id"]))
    if form.validate():
        try:
            await actions.change(actor, pledge_id, form.struct(), today=today(request))
            return redirect(request, f"/pledges/{pledge_id}", say=_("Saved."))
        except Invalid as problem:
            form.refuse(problem)
        except Conflict as problem:
            form.problems.append(str(problem))
    async with reading(actor):
        return await _form_page(request, actor, pledge["employer_id"], form, pledge, 422)


@post("/pledges/{pledge_id:uuid}/withdraw", guards=WORKS)
async def withdraw(request: AnyRequest, actor: NamedDependency[Actor], pledge_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        await load(actor, "pledge", pledge_id)
    form = await read_form(WithdrawForm, request)
    if not form.validate():
        raise Invalid(_("Choose the reason."))
    await actions.withdraw(actor, pledge_id, form.struct().reason)
    return redirect(request, f"/pledges/{pledge_id}", say=_("Withdrawn. It counts no more."), undo=f"/pledges/{pledge_id}/restore")


@post("/pledges/{pledge_id:uuid}/mistake", guards=WORKS)
async def undo_pledge(request: AnyRequest, actor: NamedDependency[Actor], pledge_id: FromPath[UUID]) -> Response[Any]:
    employer_id = await actions.withdraw(actor, pledge_id, "mistake")
    return redirect(request, f"/employers/{employer_id}", say=_("The pledge is taken back."), undo=f"/pledges/{pledge_id}/restore")


@post("/pledges/{pledge_id:uuid}/restore", guards=WORKS)
async def bring_back(request: AnyRequest, actor: NamedDependency[Actor], pledge_id: FromPath[UUID]) -> Response[Any]:
    await actions.bring_back(actor, pledge_id)
    return redirect(request, f"/pledges/{pledge_id}", say=_("The pledge stands again."))


@post("/pledges/{pledge_id:uuid}/progress", guards=WORKS)
async def count(request: AnyRequest, actor: NamedDependency[Actor], pledge_id: FromPath[UUID]) -> Response[Any]:
    form = await read_form(ProgressForm, request)
    if form.validate():
        try:
            entry_id = await actions.count(actor, pledge_id, form.struct(), today=today(request))
            return redirect(request, f"/pledges/{pledge_id}", say=_("Counted."), undo=f"/pledge-progress/{entry_id}/undo")
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        return await _page(request, actor, pledge_id, form, 422)


@post("/pledge-progress/{entry_id:uuid}/undo", guards=WORKS)
async def undo_count(request: AnyRequest, actor: NamedDependency[Actor], entry_id: FromPath[UUID]) -> Response[Any]:
    pledge_id = await actions.take_back(actor, entry_id)
    return redirect(request, f"/pledges/{pledge_id}", say=_("It does not count any more."), undo=f"/pledge-progress/{entry_id}/redo")


@post("/pledge-progress/{entry_id:uuid}/redo", guards=WORKS)
async def redo_count(request: AnyRequest, actor: NamedDependency[Actor], entry_id: FromPath[UUID]) -> Response[Any]:
    pledge_id = await actions.take_back(actor, entry_id, again=True)
    return redirect(request, f"/pledges/{pledge_id}", say=_("It counts again."))


HANDLERS = [
    new_pledge, add_pledge, show_pledge, edit_pledge, save_pledge, withdraw, undo_pledge, bring_back, count, undo_count, redo_count,
]  # fmt: skip
