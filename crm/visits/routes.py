"""Pages of visits: where to go today, the form, what differs. Each works without a script."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta, Struct

from crm import merging
from crm.access import Actor, Permission, load
from crm.actions import reading
from crm.database import Record
from crm.employers import searching
from crm.engagements.pipelines import stage_name
from crm.errors import Conflict, Invalid
from crm.forms import BoundForm, form_for, read_form
from crm.translation import _
from crm.visits import actions, around, wording
from crm.visits.actions import FIELDS, Clock
from crm.visits.forms import ChangedVisitForm, VisitFields, VisitForm
from crm.visits.rules import CHECKLIST, OUTCOMES
from crm.visits.syncing import choices, typed
from crm.web import AnyRequest, needs, program_of, read_filters, redirect, render, today

WORKS = [needs(Permission.WORK_PIPELINE)]


class Start(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the start page looks for; `draft` is the visit on the device that needs an employer."""

    q: Annotated[str, Meta(max_length=200)] = ""
    draft: UUID | None = None


class About(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom a visit is to, which task it is for, and which draft of the device it goes on with."""

    employer: UUID | None = None
    task: UUID | None = None
    draft: UUID | None = None


def clock_of(request: AnyRequest) -> Clock:
    return Clock(program_of(request).settings.time_zone, today(request))


@get("/visits", guards=WORKS)
async def start(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    """Where do I go today?"""
    wanted = read_filters(request, Start)
    day = today(request)
    found = await searching.suggest(actor, wanted.q, most=20) if len(wanted.q) > 1 else []
    return render(
        request, "pages/visits/start.html", today=day, wanted=wanted, found=found, due=await around.due(actor, day, stage_name()),
        recent=await around.recent(actor), made=await around.made(actor, day - timedelta(days=7)), unsettled=await around.unsettled(actor),
        outcomes=OUTCOMES, new_url=lambda **about: _new_url(about | ({"draft": wanted.draft} if wanted.draft else {})), **on_device(request),
    )  # fmt: skip


def _new_url(about: dict[str, Any]) -> str:
    return f"/visits/new?{urlencode({key: value for key, value in about.items() if value})}"


def on_device(request: AnyRequest) -> dict[str, Any]:
    """What the scripts of these pages say and need; without days nothing is kept on a device."""
    words = {
        "waiting_one": _("1 visit waits for a connection"), "waiting": _("%(num)s visits wait for a connection"), "sent": _("All is sent"),
        "offline": _("No connection. You can go on; visits are kept on this device."), "sign_in": _("Sign in again to send what waits here"),
        "failed": _("It could not be sent just now. It stays here; try again later."), "saved": _("Saved %(time)s"),
        "waits": _("Waits for a connection"), "open": _("Not finished"), "look": _("Needs a look"),
        "differs": _("Differs from what someone else saved"), "choose": _("Choose the employer"), "decide": _("Decide"), "go_on": _("Go on"),
        "change": _("Change"), "discard": _("Discard"), "undo": _("Undo"), "discarded": _("Discarded."), "no_name": _("No employer chosen yet"),
    }  # fmt: skip
    return {"words": words, "keep_days": program_of(request).settings.visit_days}


@get("/visits/new", guards=WORKS)
async def new(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    about = read_filters(request, About)
    employer = await around.standing(actor, about.employer) if about.employer else None
    if about.employer and employer is None:
        return redirect(request, "/visits", say=_("This employer is not in the directory any more. Choose another one."))
    now = datetime.now(ZoneInfo(program_of(request).settings.time_zone))
    form = await _form(request, actor, employer, initial={
        "draft_id": about.draft or uuid4(), "employer_id": employer and str(employer["id"]), "task_id": about.task, "on": now.date(), "at": f"{now:%H:%M}",
        "task_done": about.task is not None,
    })  # fmt: skip
    return await _form_page(request, actor, form, employer)


async def _form(request: AnyRequest, actor: Actor, employer: Record | None, *, initial: dict[str, Any] | None = None) -> BoundForm:
    """The form about an employer, with what it offers; without one, with those to choose from."""
    offered: dict[str, list[tuple[str, str]]] = {"establishment_id": [], "contact_id": []}
    if employer is not None:
        offered = await choices(actor, employer["id"], clock_of(request))
    listed = [employer] if employer is not None else await around.recent(actor)
    offered["employer_id"] = [(str(each["id"]), ", ".join(part for part in (each["name"], each["city"]) if part)) for each in listed]
    offered["outcome"] = [(code, _(text)) for code, text in OUTCOMES.items()]
    if initial is None:
        return await read_form(VisitForm, request, choices=offered)
    return form_for(VisitForm, initial={key: value for key, value in initial.items() if value is not None}, choices=offered)


async def _form_page(request: AnyRequest, actor: Actor, form: BoundForm, employer: Record | None, status: int = 200) -> Response[str]:
    task_id = _uuid(form["task_id"].data)
    task = await load(actor, "task", task_id) if task_id else None
    return render(request, "pages/visits/new.html", status=status, form=form, employer=employer, task=task, checklist=CHECKLIST, **on_device(request))


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(str(text)) if text else None
    except ValueError:
        return None


@post("/visits/new", guards=WORKS)
async def log(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    typed_in = await request.form()
    async with reading(actor):
        employer_id = _uuid(typed_in.get("employer_id"))
        employer = await around.standing(actor, employer_id) if employer_id else None
        form = await _form(request, actor, employer)
    if employer is not None:
        form["employer_id"].data = str(employer["id"])  # that into which it was merged meanwhile
    if form.validate():
        try:
            visit_id, _new = await actions.log_visit(actor, form.struct(), clock_of(request))
            async with reading(actor):
                visit = await actions.shown(visit_id)
            say = _("The visit is logged.")
            if form["task_done"].data and visit["task_dropped"]:
                say += " " + _("Someone dropped its task meanwhile; that stays so.")
            return redirect(request, f"/employers/{visit['employer_id']}", say=say, undo=f"/activities/{visit['activity_id']}/remove")
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        return await _form_page(request, actor, form, employer, 422)


@get("/visits/{visit_id:uuid}/edit", guards=WORKS)
async def edit(request: AnyRequest, actor: NamedDependency[Actor], visit_id: FromPath[UUID]) -> Response[str]:
    await load(actor, "visit", visit_id)
    visit = await actions.shown(visit_id)
    clock = clock_of(request)
    now = actions.values_of(visit, clock)
    form = form_for(ChangedVisitForm, initial=typed(now) | {
        "on": now["on"], "next_due": now["next_due"], "task_done": bool(now["task_done"]), "version": actions.version_of(visit), "base": merging.shown(now),
    }, choices=await _offered(actor, visit, clock))  # fmt: skip
    return await _edit_page(request, actor, visit, form)


async def _offered(actor: Actor, visit: Record, clock: Clock) -> dict[str, list[tuple[str, str]]]:
    return await choices(actor, visit["employer_id"], clock, visit) | {"outcome": [(code, _(text)) for code, text in OUTCOMES.items()]}


async def _edit_page(
    request: AnyRequest, actor: Actor, visit: Record, form: BoundForm, *, status: int = 200, conflict: merging.EditConflict | None = None
) -> Response[str]:
    employer = await load(actor, "employer", visit["employer_id"])
    told = None
    if conflict is not None:
        known = _names(await _offered(actor, visit, clock_of(request)))
        told = merging.EditConflict({name: wording.in_words(name, value, known) for name, value in conflict.theirs.items()}, conflict.mine)
    return render(request, "pages/visits/edit.html", status=status, form=form, visit=visit, employer=employer, conflict=told, checklist=CHECKLIST)


def _names(offered: dict[str, list[tuple[str, str]]]) -> dict[str, str]:
    return dict(offered["establishment_id"] + offered["contact_id"])


@post("/visits/{visit_id:uuid}/edit", guards=WORKS)
async def save(request: AnyRequest, actor: NamedDependency[Actor], visit_id: FromPath[UUID]) -> Response[Any]:
    clock = clock_of(request)
    async with reading(actor):
        await load(actor, "visit", visit_id)
        visit = await actions.shown(visit_id)
        form = await read_form(ChangedVisitForm, request, choices=await _offered(actor, visit, clock))
    conflict = None
    if form.validate():
        typed_in = form.struct()
        fields = VisitFields(**{name: getattr(typed_in, name) for name in FIELDS})
        try:
            kept = await actions.change_visit(actor, visit_id, fields, typed_in.version, typed_in.base, clock)
            said = _("Saved. Someone else changed %(fields)s meanwhile; that was kept too.") % {"fields": ", ".join(map(wording.label, kept))}
            return redirect(request, f"/employers/{visit['employer_id']}", say=said if kept else _("Saved."))
        except Invalid as problem:
            form.refuse(problem)
        except merging.EditConflict as found:
            conflict = found
            async with reading(actor):
                visit = await actions.shown(visit_id)
            form["base"].data = merging.shown_again(typed_in.base, actions.values_of(visit, clock), found)
            form["version"].data = typed_in.version
    async with reading(actor):
        return await _edit_page(request, actor, visit, form, status=409 if conflict else 422, conflict=conflict)


@get("/visits/proposals/{proposal_id:uuid}", guards=WORKS)
async def show_proposal(request: AnyRequest, actor: NamedDependency[Actor], proposal_id: FromPath[UUID]) -> Response[str]:
    return await _proposal_page(request, actor, proposal_id)


async def _proposal_page(request: AnyRequest, actor: Actor, proposal_id: UUID, problem: str = "") -> Response[str]:
    """Both sides, field by field: what is here, and what the device says."""
    proposal = await load(actor, "visit_proposal", proposal_id)
    visit = await actions.shown(proposal["visit_id"])
    clock = clock_of(request)
    known = _names(await _offered(actor, visit, clock))
    now, said = actions.values_of(visit, clock), actions.proposed_values(proposal)
    both = actions.differing(now, proposal)
    rows = [
        {"name": name, "label": wording.label(name), "both": name in both, "theirs": wording.in_words(name, now[name], known),
         "mine": wording.in_words(name, said[name], known)}
        for name in FIELDS if now[name] != said[name]
    ]  # fmt: skip
    return render(
        request, "pages/visits/proposal.html", status=422 if problem else 200, proposal=proposal, visit=visit, problem=problem,
        employer=await load(actor, "employer", visit["employer_id"]), rows=rows, version=actions.version_of(visit),
    )  # fmt: skip


@post("/visits/proposals/{proposal_id:uuid}", guards=WORKS)
async def settle(request: AnyRequest, actor: NamedDependency[Actor], proposal_id: FromPath[UUID]) -> Response[Any]:
    typed_in = await request.form()
    chosen = {name: str(typed_in.get(name)) for name in FIELDS if typed_in.get(name)}
    try:
        version = int(str(typed_in.get("version", "")))
    except ValueError as problem:
        raise Invalid(_("This form is damaged. Load the page again.")) from problem
    try:
        employer_id = await actions.settle(actor, proposal_id, chosen, version, clock_of(request))
    except (Invalid, Conflict) as problem:
        async with reading(actor):
            return await _proposal_page(request, actor, proposal_id, str(problem))
    return redirect(request, f"/employers/{employer_id}", say=_("Settled. The visit is as you chose."))


HANDLERS = [start, new, log, edit, save, show_proposal, settle]
