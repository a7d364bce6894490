"""Pages on which people are put on sequences, and what is done for those who are."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from crm.access import Actor, Permission, load, may_work_for
from crm.actions import reading
from crm.contacts import present
from crm.database import fetch
from crm.engagements.pipeline import Filters
from crm.errors import Invalid
from crm.forms import BoundForm, form_for, read_form
from crm.outreach import enrolling, enrolments, sequences
from crm.outreach.forms import EnrolForm, EnrolOneForm, StartMailingForm
from crm.outreach.mailings import TYPED_ABOVE
from crm.translation import _, ngettext
from crm.web import AnyRequest, filtered, needs, read_filters, redirect, render

WORKS = [needs(Permission.WORK_PIPELINE)]


def now() -> datetime:
    return datetime.now(UTC)


async def _sequences(actor: Actor) -> dict[str, list[tuple[str, str]]]:
    return {"sequence_id": [(str(row["id"]), row["name"]) for row in await sequences.listed(actor) if row["steps"]]}


# ── many, from the pipeline ──


@get("/enrol", guards=WORKS)
async def choose(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    """On which sequence those are put whom the pipeline's filters in the address show."""
    choices = await _sequences(actor)
    return await _choose_page(request, read_filters(request, Filters), form_for(EnrolForm, choices=choices), bool(choices["sequence_id"]))


async def _choose_page(request: AnyRequest, filters: Filters, form: BoundForm, known: bool, status: int = 200) -> Response[str]:
    return render(request, "pages/outreach/sequences/enrol.html", status=status, form=form, known=known, back=filtered("/pipeline", filters),
                  action=filtered("/enrol", msgspec.structs.replace(filters, view="board")))  # fmt: skip


@post("/enrol", guards=WORKS)
async def make(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    filters = read_filters(request, Filters)
    async with reading(actor):
        choices = await _sequences(actor)
        form = await read_form(EnrolForm, request, choices=choices)
    if form.validate():
        chosen: EnrolForm = form.struct()
        try:
            return redirect(request, f"/enrolment-batches/{await enrolling.make(actor, chosen.sequence_id, filters, chosen.who)}")
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        return await _choose_page(request, filters, form, bool(choices["sequence_id"]), 422)


@get("/enrolment-batches/{batch_id:uuid}", guards=WORKS)
async def show_batch(
    request: AnyRequest, actor: NamedDependency[Actor], batch_id: FromPath[UUID], show: FromQuery[str] = "", after: FromQuery[UUID | None] = None
) -> Response[str]:
    return await _batch_page(request, actor, batch_id, show=show[:20], after=after)


async def _batch_page(
    request: AnyRequest, actor: Actor, batch_id: UUID, *, form: BoundForm | None = None, show: str = "", after: UUID | None = None
) -> Response[str]:
    batch = await load(actor, "enrolment_batch", batch_id)
    counted = await fetch("select state, count(*) as count from enrolment where batch_id = $1 group by 1", batch_id)
    return render(
        request, "pages/outreach/sequences/batch.html", block="state", status=422 if form else 200, batch=batch, show=show,
        sequence=await load(actor, "sequence", batch["sequence_id"]), counts={row["state"]: row["count"] for row in counted},
        rows=await enrolling.in_batch(actor, batch_id, show, after), form=form or form_for(StartMailingForm), typed_above=TYPED_ABOVE,
        works=may_work_for(actor, batch["board_id"]), page=enrolments.PAGE,
    )  # fmt: skip


@post("/enrolment-batches/{batch_id:uuid}/start", guards=WORKS)
async def start(request: AnyRequest, actor: NamedDependency[Actor], batch_id: FromPath[UUID]) -> Response[Any]:
    form = await read_form(StartMailingForm, request)
    if form.validate():
        try:
            sequence_id = await enrolling.start(actor, batch_id, form.struct().count, now())
            return redirect(request, f"/sequences/{sequence_id}", say=_("It begins now, on working days from eight to six."),
                            undo=f"/enrolment-batches/{batch_id}/undo")  # fmt: skip
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        return await _batch_page(request, actor, batch_id, form=form)


@post("/enrolment-batches/{batch_id:uuid}/undo", guards=WORKS)
async def undo(request: AnyRequest, actor: NamedDependency[Actor], batch_id: FromPath[UUID]) -> Response[Any]:
    ended = await enrolling.undo(actor, batch_id)
    said = ngettext("Taken back for %(num)s person. What was sent is sent.", "Taken back for %(num)s people. What was sent is sent.", ended) % {"num": ended}
    return redirect(request, f"/enrolment-batches/{batch_id}", say=said)


# ── one, from the employer ──


@get("/employers/{employer_id:uuid}/sequence", guards=WORKS)
async def choose_one(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[str]:
    return await _one_page(request, actor, employer_id, form_for(EnrolOneForm, choices=await _one_choices(actor, employer_id)))


async def _one_choices(actor: Actor, employer_id: UUID) -> dict[str, list[tuple[str, str]]]:
    return await _sequences(actor) | {"contact_id": await present.choices(actor, employer_id)}


async def _one_page(request: AnyRequest, actor: Actor, employer_id: UUID, form: BoundForm, status: int = 200) -> Response[str]:
    choices = await _one_choices(actor, employer_id)
    return render(request, "pages/outreach/sequences/one.html", status=status, employer=await load(actor, "employer", employer_id), form=form,
                  known=bool(choices["sequence_id"]), people=bool(choices["contact_id"]))  # fmt: skip


@post("/employers/{employer_id:uuid}/sequence", guards=WORKS)
async def enrol_one(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        form = await read_form(EnrolOneForm, request, choices=await _one_choices(actor, employer_id))
    if form.validate():
        chosen: EnrolOneForm = form.struct()
        try:
            batch_id = await enrolling.enrol(actor, chosen.sequence_id, employer_id, chosen.contact_id, now())
            return redirect(request, f"/employers/{employer_id}", say=_("It begins now, on working days from eight to six."),
                            undo=f"/enrolment-batches/{batch_id}/undo")  # fmt: skip
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        return await _one_page(request, actor, employer_id, form, 422)


# ── those who are on one ──


@post("/enrolments/{enrolment_id:uuid}/pause", guards=WORKS)
async def pause(request: AnyRequest, actor: NamedDependency[Actor], enrolment_id: FromPath[UUID]) -> Response[Any]:
    enrolment = await enrolments.pause(actor, enrolment_id)
    return redirect(request, f"/sequences/{enrolment['sequence_id']}", say=_("Paused for this person."), undo=f"/enrolments/{enrolment_id}/go-on")


@post("/enrolments/{enrolment_id:uuid}/go-on", guards=WORKS)
async def go_on(request: AnyRequest, actor: NamedDependency[Actor], enrolment_id: FromPath[UUID]) -> Response[Any]:
    enrolment = await enrolments.go_on(actor, enrolment_id, now())
    return redirect(request, f"/sequences/{enrolment['sequence_id']}", say=_("It goes on for this person."))


@post("/enrolments/{enrolment_id:uuid}/stop", guards=WORKS)
async def stop(request: AnyRequest, actor: NamedDependency[Actor], enrolment_id: FromPath[UUID]) -> Response[Any]:
    enrolment = await enrolments.stop(actor, enrolment_id)
    return redirect(request, f"/sequences/{enrolment['sequence_id']}", say=_("Stopped for this person."), undo=f"/enrolments/{enrolment_id}/go-on")


@post("/sequences/{sequence_id:uuid}/hold", guards=WORKS)
async def hold(request: AnyRequest, actor: NamedDependency[Actor], sequence_id: FromPath[UUID]) -> Response[Any]:
    await enrolments.hold(actor, sequence_id)
    return redirect(request, f"/sequences/{sequence_id}", say=_("Paused for everyone. The mail that was under way may still leave."))


@post("/sequences/{sequence_id:uuid}/release", guards=WORKS)
async def release(request: AnyRequest, actor: NamedDependency[Actor], sequence_id: FromPath[UUID]) -> Response[Any]:
    await enrolments.hold(actor, sequence_id, release=True)
    return redirect(request, f"/sequences/{sequence_id}", say=_("It goes on."))


HANDLERS = [choose, make, show_batch, start, undo, choose_one, enrol_one, pause, go_on, stop, hold, release]
