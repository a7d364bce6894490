"""Pages of guests: invite, write, note an answer, check in on a phone, say whose someone is, take the list along."""

import io
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from crm import audit
from crm.access import Actor, load
from crm.actions import reading
from crm.contacts import present
from crm.database import Record
from crm.employer_events import guests, listing, writing
from crm.employer_events.forms import AnswerForm, GuestMailingForm, InviteForm, InviteManyForm, MatchForm, WalkInForm
from crm.employer_events.listing import LARGEST_EXPORT, ROWS, Filters
from crm.employer_events.routes import READS, WORKS, load_own
from crm.employer_events.wording import title, when
from crm.engagements import pipeline
from crm.errors import Invalid
from crm.forms import BoundForm, form_for, read_form
from crm.outreach import mailings, templates
from crm.spreadsheets.writing import write_csv
from crm.templating import label
from crm.translation import _, language, moment, ngettext
from crm.web import AnyRequest, filtered, is_htmx, program_of, read_filters, redirect, render


async def _event_choices(request: AnyRequest, actor: Actor) -> list[tuple[str, str]]:
    zone = program_of(request).settings.time_zone
    return [(str(row["id"]), f"{title(row, language())} ({when(row, language(), zone)})") for row in await listing.open_for_invitations(actor)]


# ── invite ──


@get("/employers/{employer_id:uuid}/invite", guards=WORKS)
async def new_invitation(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[str]:
    return await _invite_page(request, actor, employer_id, form_for(InviteForm, choices=await _invite_choices(request, actor, employer_id)))


async def _invite_choices(request: AnyRequest, actor: Actor, employer_id: UUID) -> dict[str, list[tuple[str, str]]]:
    return {"event_id": await _event_choices(request, actor), "contact_id": await present.choices(actor, employer_id)}


async def _invite_page(request: AnyRequest, actor: Actor, employer_id: UUID, form: BoundForm, status: int = 200) -> Response[str]:
    return render(request, "pages/events/invite.html", status=status, employer=await load(actor, "employer", employer_id), form=form)


@post("/employers/{employer_id:uuid}/invite", guards=WORKS)
async def invite(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        form = await read_form(InviteForm, request, choices=await _invite_choices(request, actor, employer_id))
    if form.validate():
        chosen: InviteForm = form.struct()
        guest_id = await guests.invite(actor, chosen.event_id, employer_id, chosen.contact_id)
        return redirect(request, f"/events/{chosen.event_id}", say=_("On the list. Nothing is written to them yet."), undo=f"/event-guests/{guest_id}/remove")
    async with reading(actor):
        return await _invite_page(request, actor, employer_id, form, 422)


@get("/events/invite", guards=WORKS)
async def new_invitations(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    """Those whom the pipeline's filters in the address show."""
    filters = read_filters(request, pipeline.Filters)
    return _invite_many_page(request, filters, form_for(InviteManyForm, choices={"event_id": await _event_choices(request, actor)}))


def _invite_many_page(request: AnyRequest, filters: pipeline.Filters, form: BoundForm, status: int = 200) -> Response[str]:
    return render(request, "pages/events/invite_many.html", status=status, form=form, back=filtered("/pipeline", filters),
                  action=filtered("/events/invite", msgspec.structs.replace(filters, view="board")))  # fmt: skip


@post("/events/invite", guards=WORKS)
async def invite_many(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    filters = read_filters(request, pipeline.Filters)
    async with reading(actor):
        form = await read_form(InviteManyForm, request, choices={"event_id": await _event_choices(request, actor)})
    if not form.validate():
        return _invite_many_page(request, filters, form, 422)
    chosen: InviteManyForm = form.struct()
    count, at = await guests.invite_many(actor, chosen.event_id, mailings.chosen(filters, chosen.who), now=datetime.now(UTC))
    said = ngettext("%(num)s person is new on the list. Nothing is written to them yet.", "%(num)s people are new on the list. Nothing is written to them yet.",
                    count) % {"num": count}  # fmt: skip
    return redirect(request, f"/events/{chosen.event_id}", say=said, undo=f"/events/{chosen.event_id}/uninvite/{round(at.timestamp() * 1_000_000)}" if count else "")


@post("/events/{event_id:uuid}/uninvite/{at:int}", guards=WORKS)
async def uninvite(request: AnyRequest, actor: NamedDependency[Actor], event_id: FromPath[UUID], at: FromPath[int]) -> Response[Any]:
    """Take those invited together off the list again."""
    if not 0 < at < 10**17:
        raise Invalid(_("This page's address is damaged. Open the list from the start."))
    gone = await guests.take_off_many(actor, event_id, datetime.fromtimestamp(at // 1_000_000, UTC).replace(microsecond=at % 1_000_000))
    return redirect(request, f"/events/{event_id}", say=ngettext("%(num)s is off the list.", "%(num)s are off the list.", gone) % {"num": gone})


@post("/event-guests/{guest_id:uuid}/remove", guards=WORKS)
async def remove(request: AnyRequest, actor: NamedDependency[Actor], guest_id: FromPath[UUID]) -> Response[Any]:
    guest = await guests.take_off(actor, guest_id)
    return redirect(request, f"/events/{guest['event_id']}", say=_("Off the list; their link ends."), undo=f"/event-guests/{guest_id}/restore")


@post("/event-guests/{guest_id:uuid}/restore", guards=WORKS)
async def restore(request: AnyRequest, actor: NamedDependency[Actor], guest_id: FromPath[UUID]) -> Response[Any]:
    guest = await guests.take_off(actor, guest_id, restore=True)
    return redirect(request, f"/events/{guest['event_id']}", say=_("Back on the list."))


# ── write, note answers ──


@get("/events/{event_id:uuid}/write", guards=WORKS)
async def new_mailing(request: AnyRequest, actor: NamedDependency[Actor], event_id: FromPath[UUID]) -> Response[str]:
    event = await load_own(actor, event_id)
    return render(request, "pages/events/write.html", event=event, title=title(event, language()), form=await _mailing_form(actor))


async def _mailing_form(actor: Actor) -> BoundForm:
    return form_for(GuestMailingForm, choices={"template_id": [(str(row["id"]), row["name"]) for row in await templates.listed(actor)]})


@post("/events/{event_id:uuid}/write", guards=WORKS)
async def make_mailing(request: AnyRequest, actor: NamedDependency[Actor], event_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        event = await load_own(actor, event_id)
        choices = {"template_id": [(str(row["id"]), row["name"]) for row in await templates.listed(actor)]}
        form = await read_form(GuestMailingForm, request, choices=choices)
    if form.validate():
        mailing_id = await writing.write(actor, event_id, form.struct())
        return redirect(request, f"/mailings/{mailing_id}")
    return render(request, "pages/events/write.html", status=422, event=event, title=title(event, language()), form=form)


@post("/event-guests/{guest_id:uuid}/answer", guards=WORKS)
async def note_answer(request: AnyRequest, actor: NamedDependency[Actor], guest_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        guest = await load(actor, "event_guest", guest_id)
    form = await read_form(AnswerForm, request)
    if not form.validate():
        raise Invalid(_("Choose yes, maybe or no, and how many come."))
    became = await guests.answer_for(actor, guest_id, form.struct())
    said = _("All places are taken, so they wait for one.") if became == "waiting" else _("Noted.")
    return redirect(request, f"/events/{guest['event_id']}", say=said)


# ── on the day ──


@get("/events/{event_id:uuid}/check-in", guards=WORKS)
async def check_in_page(request: AnyRequest, actor: NamedDependency[Actor], event_id: FromPath[UUID], q: FromQuery[str] = "") -> Response[str]:
    event = await load_own(actor, event_id)
    return await _check_in(request, actor, event, form_for(WalkInForm), q=q[:100])


async def _check_in(request: AnyRequest, actor: Actor, event: dict[str, Any], form: BoundForm, *, q: str = "", status: int = 200) -> Response[str]:
    rows = await listing.guests(actor, event["id"], Filters(q=q), most=ROWS)
    rows.sort(key=lambda row: ("yes", "maybe", "waiting", "", "no").index(row["answer"]))
    return render(request, "pages/events/check_in.html", block="people", status=status, event=event, title=title(event, language()), rows=rows, q=q, form=form,
                  counts=await listing.counts(actor, event["id"]), most=ROWS)  # fmt: skip


@post("/event-guests/{guest_id:uuid}/came", guards=WORKS)
async def came(request: AnyRequest, actor: NamedDependency[Actor], guest_id: FromPath[UUID]) -> Response[Any]:
    return await _pressed(request, actor, guest_id, undo=False)


@post("/event-guests/{guest_id:uuid}/not-here", guards=WORKS)
async def not_here(request: AnyRequest, actor: NamedDependency[Actor], guest_id: FromPath[UUID]) -> Response[Any]:
    return await _pressed(request, actor, guest_id, undo=True)


async def _pressed(request: AnyRequest, actor: Actor, guest_id: UUID, *, undo: bool) -> Response[Any]:
    """One press: with a script the row comes back, without one the page."""
    guest = await guests.check_in(actor, guest_id, undo=undo)
    if is_htmx(request):
        async with reading(actor):
            event = await load(actor, "employer_event", guest["event_id"])
            row = dict(guest) | {"came_at": None if undo else datetime.now(UTC), "employer": await _employer_of(actor, guest)}
            return render(request, "pages/events/here.html", row=row, event=event, counts=await listing.counts(actor, event["id"]))
    name = f"{guest['given_name']} {guest['family_name']}".strip()
    say = _("%(name)s is not here.") % {"name": name} if undo else _("%(name)s is here.") % {"name": name}
    return redirect(request, f"/events/{guest['event_id']}/check-in", say=say, undo=f"/event-guests/{guest_id}/{'came' if undo else 'not-here'}")


async def _employer_of(actor: Actor, guest: dict[str, Any]) -> str:
    return str((await load(actor, "employer", guest["employer_id"]))["name"]) if guest["employer_id"] else str(guest["company"])


@post("/events/{event_id:uuid}/walk-ins", guards=WORKS)
async def walk_in(request: AnyRequest, actor: NamedDependency[Actor], event_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        event = await load_own(actor, event_id)
    form = await read_form(WalkInForm, request)
    if form.validate():
        try:
            guest_id = await guests.walk_in(actor, event_id, form.struct())
            return redirect(request, f"/events/{event_id}/check-in", say=_("%(name)s is here.") % {"name": form.struct().given_name},
                            undo=f"/event-guests/{guest_id}/remove")  # fmt: skip
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        return await _check_in(request, actor, event, form, status=422)


@get("/event-guests/{guest_id:uuid}/match", guards=WORKS)
async def match_page(request: AnyRequest, actor: NamedDependency[Actor], guest_id: FromPath[UUID], q: FromQuery[str] = "") -> Response[str]:
    guest = await load(actor, "event_guest", guest_id)
    event = await load_own(actor, guest["event_id"])
    words = q[:100] or guest["company"]
    return render(request, "pages/events/match.html", block="found", guest=guest, event=event, title=title(event, language()), q=words,
                  employers=_grouped(await listing.could_be(actor, words)))  # fmt: skip


def _grouped(rows: list[Record]) -> list[tuple[Record, list[Record]]]:
    found: dict[UUID, tuple[Record, list[Record]]] = {}
    for row in rows:
        people = found.setdefault(row["employer_id"], (row, []))[1]
        if row["contact_id"] is not None:
            people.append(row)
    return list(found.values())


@post("/event-guests/{guest_id:uuid}/match", guards=WORKS)
async def match(request: AnyRequest, actor: NamedDependency[Actor], guest_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        guest = await load(actor, "event_guest", guest_id)
    form = await read_form(MatchForm, request)
    if not form.validate():
        raise Invalid(_("Choose the employer again: the page was damaged."))
    await guests.match(actor, guest_id, form.struct())
    return redirect(request, f"/events/{guest['event_id']}", say=_("Now we know whose they are."))


@get("/events/{event_id:uuid}/guests.csv", guards=READS)
async def export_guests(request: AnyRequest, actor: NamedDependency[Actor], event_id: FromPath[UUID]) -> Response[bytes]:
    """What the page shows, as a table. What someone needs to take part stays on the page."""
    filters = read_filters(request, Filters)
    await load(actor, "employer_event", event_id)
    zone, out = program_of(request).settings.time_zone, io.BytesIO()
    write_csv(out, [_("First name"), _("Last name"), _("Employer"), _("Email"), _("Language"), _("Answer"), _("People"), _("Names"), _("Answered"), _("Came")], [
        [row["given_name"], row["family_name"], row["employer"], str(row["email"]), label(row["language"]), label(f"guest_{row['answer'] or 'invited'}"),
         row["people"], row["names"], moment(row["answered_at"], zone), moment(row["came_at"], zone)]
        for row in await listing.guests(actor, event_id, filters, most=LARGEST_EXPORT)
    ])  # fmt: skip
    await audit.record_disclosure(actor, "event_guests.exported", subject_kind="employer_event", subject_id=event_id)
    return Response(out.getvalue(), media_type="text/csv; charset=utf-8",
                    headers={"content-disposition": 'attachment; filename="guests.csv"', "cache-control": "no-store"})  # fmt: skip


HANDLERS = [
    new_invitation, invite, new_invitations, invite_many, uninvite, remove, restore, new_mailing, make_mailing, note_answer, check_in_page, came, not_here,
    walk_in, match_page, match, export_guests,
]  # fmt: skip
