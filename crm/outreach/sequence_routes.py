"""Pages on which sequences are set up, and seen."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from crm.access import Actor, Permission, load, visible
from crm.actions import reading
from crm.boards.colleagues import colleagues
from crm.database import fetch, fetch_value
from crm.errors import Conflict, Invalid
from crm.forms import BoundForm, form_for, read_form
from crm.mail import current_settings
from crm.outreach import enrolments, sampling, sequences
from crm.outreach.forms import SequenceForm, ShiftForm, StepForm
from crm.outreach.leaving import clock
from crm.outreach.rules import EXAMPLE, FIELDS, closed_until, filled
from crm.sql import Sql
from crm.translation import _
from crm.web import AnyRequest, needs, redirect, render

WORKS = [needs(Permission.WORK_PIPELINE)]


@get("/sequences", guards=WORKS)
async def list_sequences(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    return render(request, "pages/outreach/sequences/list.html", sequences=await sequences.listed(actor))


@get("/sequences/new", guards=WORKS)
async def new_sequence(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    return await _new_page(request, actor, form_for(SequenceForm, choices=await _choices(actor, None)))


async def _new_page(request: AnyRequest, actor: Actor, form: BoundForm, status: int = 200) -> Response[str]:
    return render(request, "pages/outreach/sequences/new.html", status=status, form=form)


async def _choices(actor: Actor, sequence: dict[str, Any] | None) -> dict[str, list[tuple[str, str]]]:
    """In which others it may go on: those of its board and the state's."""
    board = sequence["board_id"] if sequence else actor.home_board
    found = await fetch(
        Sql("select q.id, q.name from sequence q where (q.archived_at is null and (q.board_id is null or q.board_id = {}) and q.id is distinct from {} "
            "or q.id = {}) and {} order by q.name limit 200", board, sequence and sequence["id"], sequence and sequence["then_sequence_id"],
            visible(actor, "sequence", "q"))  # fmt: skip
    )
    return {"then_sequence_id": [(str(row["id"]), row["name"]) for row in found]}


@post("/sequences/new", guards=WORKS)
async def add_sequence(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    async with reading(actor):
        form = await read_form(SequenceForm, request, choices=await _choices(actor, None))
    if form.validate():
        try:
            sequence_id = await sequences.add(actor, form.struct())
            return redirect(request, f"/sequences/{sequence_id}/edit", say=_("The sequence is there. Give it its steps."))
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        return await _new_page(request, actor, form, 422)


@get("/sequences/{sequence_id:uuid}", guards=WORKS)
async def show_sequence(
    request: AnyRequest, actor: NamedDependency[Actor], sequence_id: FromPath[UUID], show: FromQuery[str] = "", after: FromQuery[UUID | None] = None
) -> Response[str]:
    """Who is on it, and what comes next for each."""
    sequence = await load(actor, "sequence", sequence_id)
    board = actor.home_board
    return render(
        request, "pages/outreach/sequences/show.html", sequence=sequence, steps=await sequences.steps_of(sequence_id),
        counts=await enrolments.counts(actor, sequence_id), rows=await enrolments.on_sequence(actor, sequence_id, show[:20], after), show=show[:20],
        held=await fetch_value("select exists (select from sequence_hold where sequence_id = $1 and board_id = $2)", sequence_id, board),
        works=board is not None, designs=sequences.may_design(actor, sequence["board_id"]), page=enrolments.PAGE,
        then=await fetch_value("select name from sequence where id = $1", sequence["then_sequence_id"]),
        closed=lambda due: closed_until(clock(), due, current_settings().time_zone),
    )  # fmt: skip


@get("/sequences/{sequence_id:uuid}/edit", guards=WORKS)
async def edit_sequence(request: AnyRequest, actor: NamedDependency[Actor], sequence_id: FromPath[UUID]) -> Response[str]:
    sequence = await load(actor, "sequence", sequence_id)
    first = {name: sequence[name] for name in ("name", "then_sequence_id", "version")}
    return await _edit_page(request, actor, sequence, form_for(SequenceForm, initial=first, choices=await _choices(actor, sequence)))


async def _edit_page(request: AnyRequest, actor: Actor, sequence: dict[str, Any], form: BoundForm, status: int = 200) -> Response[str]:
    return render(request, "pages/outreach/sequences/edit.html", status=status, sequence=sequence, form=form,
                  steps=await sequences.steps_of(sequence["id"]), designs=sequences.may_design(actor, sequence["board_id"]))  # fmt: skip


@post("/sequences/{sequence_id:uuid}/edit", guards=WORKS)
async def save_sequence(request: AnyRequest, actor: NamedDependency[Actor], sequence_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        sequence = await load(actor, "sequence", sequence_id)
        form = await read_form(SequenceForm, request, choices=await _choices(actor, sequence))
    if form.validate():
        try:
            await sequences.change(actor, sequence_id, form.struct())
            return redirect(request, f"/sequences/{sequence_id}/edit", say=_("Saved."))
        except Invalid as problem:
            form.refuse(problem)
        except Conflict as problem:
            form.problems.append(str(problem))
    async with reading(actor):
        return await _edit_page(request, actor, sequence, form, 422)


@post("/sequences/{sequence_id:uuid}/put-away", guards=WORKS)
async def put_away(request: AnyRequest, actor: NamedDependency[Actor], sequence_id: FromPath[UUID]) -> Response[Any]:
    await sequences.put_away(actor, sequence_id)
    return redirect(request, "/sequences", say=_("It is put away."), undo=f"/sequences/{sequence_id}/restore")


@post("/sequences/{sequence_id:uuid}/restore", guards=WORKS)
async def restore(request: AnyRequest, actor: NamedDependency[Actor], sequence_id: FromPath[UUID]) -> Response[Any]:
    await sequences.put_away(actor, sequence_id, restore=True)
    return redirect(request, f"/sequences/{sequence_id}/edit", say=_("It is back."))


@post("/sequences/{sequence_id:uuid}/sample", guards=WORKS)
async def send_sample(request: AnyRequest, actor: NamedDependency[Actor], sequence_id: FromPath[UUID]) -> Response[Any]:
    return redirect(request, f"/sequences/{sequence_id}/edit", say=sampling.told(await sampling.of_sequence(actor, sequence_id)))


# ── steps ──


@get("/sequences/{sequence_id:uuid}/steps/new", guards=WORKS)
async def new_step(
    request: AnyRequest, actor: NamedDependency[Actor], sequence_id: FromPath[UUID], kind: FromQuery[str] = "email"
) -> Response[str]:
    form = form_for(StepForm, initial={"kind": kind if kind in ("email", "call", "visit", "letter") else "email"}, choices=await _people(actor))
    return await _step_page(request, actor, sequence_id, form)


async def _people(actor: Actor) -> dict[str, list[tuple[str, str]]]:
    return {"assignee_id": await colleagues(actor.home_board) if actor.home_board else []}


async def _step_page(
    request: AnyRequest, actor: Actor, sequence_id: UUID, form: BoundForm, *, step: dict[str, Any] | None = None, status: int = 200
) -> Response[str]:
    sequence = await load(actor, "sequence", sequence_id)
    texts = [(form[f"subject_{code}"].data or "", form[f"body_{code}"].data or "") for code in ("en", "es")]
    return render(
        request, "pages/outreach/sequences/step.html", status=status, sequence=sequence, step=step, form=form, fields=FIELDS,
        designs=sequences.may_design(actor, sequence["board_id"]), ours=sequence["board_id"] is not None,
        example=[(filled(subject, EXAMPLE), filled(body, EXAMPLE)) for subject, body in texts if body],
    )  # fmt: skip


@post("/sequences/{sequence_id:uuid}/steps/new", guards=WORKS)
async def add_step(request: AnyRequest, actor: NamedDependency[Actor], sequence_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        form = await read_form(StepForm, request, choices=await _people(actor))
    if form.validate():
        try:
            await sequences.add_step(actor, sequence_id, form.struct())
            return redirect(request, f"/sequences/{sequence_id}/edit", say=_("The step is added at the end."))
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        return await _step_page(request, actor, sequence_id, form, status=422)


@get("/sequence-steps/{step_id:uuid}/edit", guards=WORKS)
async def edit_step(request: AnyRequest, actor: NamedDependency[Actor], step_id: FromPath[UUID]) -> Response[str]:
    step = await load(actor, "sequence_step", step_id)
    form = form_for(StepForm, initial={name: step[name] for name in (*sequences.STEP, "version")}, choices=await _people(actor))
    return await _step_page(request, actor, step["sequence_id"], form, step=step)


@post("/sequence-steps/{step_id:uuid}/edit", guards=WORKS)
async def save_step(request: AnyRequest, actor: NamedDependency[Actor], step_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        step = await load(actor, "sequence_step", step_id)
        form = await read_form(StepForm, request, choices=await _people(actor))
    if form.validate():
        try:
            sequence_id = await sequences.change_step(actor, step_id, form.struct())
            return redirect(request, f"/sequences/{sequence_id}/edit", say=_("Saved."))
        except Invalid as problem:
            form.refuse(problem)
        except Conflict as problem:
            form.problems.append(str(problem))
    async with reading(actor):
        return await _step_page(request, actor, step["sequence_id"], form, step=step, status=422)


@post("/sequence-steps/{step_id:uuid}/shift", guards=WORKS)
async def shift_step(request: AnyRequest, actor: NamedDependency[Actor], step_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        await load(actor, "sequence_step", step_id)
    form = await read_form(ShiftForm, request)
    if not form.validate():
        raise Invalid(_("Choose up or down."))
    up = form.struct().way == "up"
    sequence_id = await sequences.shift_step(actor, step_id, -1 if up else 1)
    return redirect(request, f"/sequences/{sequence_id}/edit#steps", say=_("Moved up.") if up else _("Moved down."))


@post("/sequence-steps/{step_id:uuid}/put-away", guards=WORKS)
async def put_away_step(request: AnyRequest, actor: NamedDependency[Actor], step_id: FromPath[UUID]) -> Response[Any]:
    sequence_id = await sequences.put_away_step(actor, step_id)
    return redirect(request, f"/sequences/{sequence_id}/edit", say=_("It is put away."), undo=f"/sequence-steps/{step_id}/restore")


@post("/sequence-steps/{step_id:uuid}/restore", guards=WORKS)
async def restore_step(request: AnyRequest, actor: NamedDependency[Actor], step_id: FromPath[UUID]) -> Response[Any]:
    sequence_id = await sequences.put_away_step(actor, step_id, restore=True)
    return redirect(request, f"/sequences/{sequence_id}/edit", say=_("It is back."))


HANDLERS = [
    list_sequences, new_sequence, add_sequence, show_sequence, edit_sequence, save_sequence, put_away, restore, send_sample, new_step, add_step,
    edit_step, save_step, shift_step, put_away_step, restore_step,
]  # fmt: skip
