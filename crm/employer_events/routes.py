"""Pages of events: those to come and those over; one with its guests; plan, change, cancel, close."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from crm import api
from crm.access import Actor, Permission, load, may, may_work_for
from crm.actions import reading
from crm.employer_events import events, listing
from crm.employer_events.calendar import calendar
from crm.employer_events.forms import CancelForm, EventForm
from crm.employer_events.listing import ROWS, STATES, Filters
from crm.employer_events.rules import clock_of
from crm.employer_events.wording import about, title, where
from crm.errors import Conflict, Invalid, NotFound
from crm.forms import BoundForm, form_for, read_form
from crm.translation import _, language, ngettext
from crm.web import AnyRequest, filtered, needs, program_of, read_filters, redirect, render

READS = [needs(Permission.SEE_PIPELINE)]
WORKS = [needs(Permission.WORK_PIPELINE)]


@get("/events", guards=READS)
async def list_events(request: AnyRequest, actor: NamedDependency[Actor], past: FromQuery[bool] = False) -> Response[str]:
    return render(request, "pages/events/list.html", events=await listing.events(actor, past=past), past=past, title=title, speaks=language(),
                  works=may(actor, Permission.WORK_PIPELINE) and bool(actor.board_ids), mine=actor.board_ids)  # fmt: skip


@get("/events/new", guards=WORKS)
async def new_event(request: AnyRequest) -> Response[str]:
    return render(request, "pages/events/form.html", event=None, form=form_for(EventForm, initial={"begins": "09:00", "ends": "11:00"}))


@post("/events/new", guards=WORKS)
async def add_event(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    form = await read_form(EventForm, request)
    if form.validate():
        try:
            event_id = await events.add(actor, form.struct(), zone=program_of(request).settings.time_zone)
            return redirect(request, f"/events/{event_id}", say=_("Planned. Now invite people: from the pipeline, or one by one."))
        except Invalid as problem:
            form.refuse(problem)
    return render(request, "pages/events/form.html", status=422, event=None, form=form)


@get("/events/{event_id:uuid}", guards=READS)
async def show_event(request: AnyRequest, actor: NamedDependency[Actor], event_id: FromPath[UUID]) -> Response[str]:
    filters = read_filters(request, Filters)
    event = await load(actor, "employer_event", event_id)
    board = await load(actor, "board", event["board_id"])
    after = api.after(filters.after, str, str, str) if filters.after else None
    rows = await listing.guests(actor, event_id, filters, after=after, most=ROWS + 1)
    last = rows[ROWS - 1] if len(rows) > ROWS else None
    here, settings = f"/events/{event_id}", program_of(request).settings
    return render(
        request, "pages/events/event.html", block="guests", event=event, board=board, title=title(event, language()), about=about(event, language()),
        where=where(event), counts=await listing.counts(actor, event_id), rows=rows[:ROWS], filters=filters, here=here, states=STATES,
        narrowed=lambda **changes: filtered(here, filters, **changes), cancel_form=form_for(CancelForm), now=datetime.now(UTC),
        after=filtered(here, filters, after=api.cursor([last["family_key"], last["given_key"], str(last["id"])])) if last else "",
        works=may(actor, Permission.WORK_PIPELINE) and may_work_for(actor, event["board_id"]), ours=_sees_guests(actor, event["board_id"]),
        sign_up_url=f"{settings.url}/come/{event['sign_up_code']}" if event["sign_up"] else "", export=filtered(f"{here}/guests.csv", filters),
    )  # fmt: skip


def _sees_guests(actor: Actor, board_id: UUID) -> bool:
    """Another board sees that an event takes place, and no more."""
    return board_id in actor.board_ids or not actor.board_ids


@get("/events/{event_id:uuid}/event.ics", guards=READS)
async def event_calendar(request: AnyRequest, actor: NamedDependency[Actor], event_id: FromPath[UUID]) -> Response[bytes]:
    event = await load(actor, "employer_event", event_id)
    return calendar_file(calendar(event, language(), program_of(request).settings.url))


def calendar_file(content: bytes) -> Response[bytes]:
    headers = {"content-disposition": 'attachment; filename="event.ics"', "cache-control": "no-store"}
    return Response(content, media_type="text/calendar; charset=utf-8", headers=headers)


@get("/events/{event_id:uuid}/edit", guards=WORKS)
async def edit_event(request: AnyRequest, actor: NamedDependency[Actor], event_id: FromPath[UUID]) -> Response[str]:
    event = await load_own(actor, event_id)
    zone = program_of(request).settings.time_zone
    (on, begins), (ends_on, ends) = clock_of(event["starts_at"], zone), clock_of(event["ends_at"], zone)
    typed = {name: event[name] for name in (*events.TYPED, "version")} | {"on": on, "begins": begins, "ends": ends, "ends_on": ends_on if ends_on != on else None}
    return render(request, "pages/events/form.html", event=event, form=form_for(EventForm, initial=typed))


async def load_own(actor: Actor, event_id: UUID) -> dict[str, Any]:
    """For a page that changes it. Raises `NotFound` for another board's, as for one that is not there."""
    event = await load(actor, "employer_event", event_id)
    if not may_work_for(actor, event["board_id"]):
        raise NotFound(_("This page does not exist, or it is not yours to see."))
    return event


@post("/events/{event_id:uuid}/edit", guards=WORKS)
async def save_event(request: AnyRequest, actor: NamedDependency[Actor], event_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        event = await load_own(actor, event_id)
    form = await read_form(EventForm, request)
    if form.validate():
        try:
            await events.change(actor, event_id, form.struct(), zone=program_of(request).settings.time_zone)
            return redirect(request, f"/events/{event_id}", say=_("Saved. Guests who should know of a change hear of it when you write to them."))
        except (Invalid, Conflict) as problem:
            _tell(form, problem)
    return render(request, "pages/events/form.html", status=422, event=event, form=form)


def _tell(form: BoundForm, problem: Invalid | Conflict) -> None:
    if isinstance(problem, Invalid):
        form.refuse(problem)
    else:
        form.problems.append(str(problem))


@post("/events/{event_id:uuid}/cancel", guards=WORKS)
async def cancel(request: AnyRequest, actor: NamedDependency[Actor], event_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        await load_own(actor, event_id)
    form = await read_form(CancelForm, request)
    if not form.validate():
        raise Invalid(_("Say why, for those who come read it."))
    await events.cancel(actor, event_id, form.struct().reason, now=datetime.now(UTC))
    return redirect(request, f"/events/{event_id}", say=_("Cancelled. Those who come hear of it in ten minutes."), undo=f"/events/{event_id}/restore")


@post("/events/{event_id:uuid}/restore", guards=WORKS)
async def restore(request: AnyRequest, actor: NamedDependency[Actor], event_id: FromPath[UUID]) -> Response[Any]:
    await events.restore(actor, event_id)
    return redirect(request, f"/events/{event_id}", say=_("It takes place after all."))


@post("/events/{event_id:uuid}/close", guards=WORKS)
async def close(request: AnyRequest, actor: NamedDependency[Actor], event_id: FromPath[UUID]) -> Response[Any]:
    written = await events.close(actor, event_id, now=datetime.now(UTC))
    said = ngettext("Closed. %(num)s timeline has a new line.", "Closed. %(num)s timelines have a new line.", written) % {"num": written}
    return redirect(request, f"/events/{event_id}?state=came", say=said, undo=f"/events/{event_id}/open-again")


@post("/events/{event_id:uuid}/open-again", guards=WORKS)
async def open_again(request: AnyRequest, actor: NamedDependency[Actor], event_id: FromPath[UUID]) -> Response[Any]:
    await events.open_again(actor, event_id)
    return redirect(request, f"/events/{event_id}", say=_("Open again. The lines left the timelines until it is closed anew."))


HANDLERS = [list_events, new_event, add_event, show_event, event_calendar, edit_event, save_event, cancel, restore, close, open_again]
