"""Pages on getting in touch with an employer: who leads, who wants no contact, who agreed to what, who reads along."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from crm.access import Actor, Permission, load, may, may_work_for
from crm.actions import reading
from crm.contacts import consent
from crm.contacts.forms import ConsentForm
from crm.contacts.present import people_at
from crm.database import Record
from crm.employers.actions import facts_of
from crm.employers.matching.candidates import NO_ONE, candidates
from crm.employers.routes import read_new, show_new
from crm.engagements import asking, courtesy, sharing
from crm.engagements.forms import ClaimForm, HandOnForm, ShareForm, StopForm
from crm.errors import Invalid, NotFound
from crm.forms import form_for, read_form
from crm.translation import _, day
from crm.web import AnyRequest, is_htmx, needs, program_of, redirect, render, stood_on, today

SEES = [needs(Permission.SEE_PIPELINE)]
WORKS = [needs(Permission.WORK_PIPELINE)]
EDITS = [needs(Permission.EDIT_EMPLOYERS)]


@get("/employers/{employer_id:uuid}/courtesy", guards=SEES)
async def show_courtesy(
    request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID], brief: FromQuery[bool] = False
) -> Response[str]:
    """What to know before getting in touch: the page, or, for the employer's page, a few lines of it."""
    return await _page(request, actor, employer_id, brief=brief and is_htmx(request))


async def _page(
    request: AnyRequest, actor: Actor, employer_id: UUID, *, brief: bool = False, **forms: Any
) -> Response[str]:
    employer = await load(actor, "employer", employer_id)
    told = await courtesy.standing(actor, employer_id, today(request))
    budget = program_of(request).settings.contact_budget
    found = await courtesy.findings(actor.home_board, employer_id, None, "phone", budget=budget, today=today(request))
    held = told["claim"]
    context = {"employer": employer, "findings": [(finding, courtesy.sentence(finding)) for finding in found], "works": may(actor, Permission.WORK_PIPELINE) and bool(actor.board_ids),
               "leads": held is not None and may_work_for(actor, held["board_id"]), **told}  # fmt: skip
    if brief:
        return render(request, "pages/engagements/courtesy/brief.html", **context)
    people = await people_at(actor, employer_id)
    named = await sharing.other_boards(actor)
    given = {
        "claim_form": form_for(ClaimForm), "hand_form": form_for(HandOnForm, choices={"board_id": named}),
        "stop_form": form_for(StopForm, choices={"contact_id": [(str(p["id"]), _name(p)) for p in people]}),
        "share_form": form_for(ShareForm, choices={"board_id": named}), "consent_form": form_for(ConsentForm),
    } | forms  # fmt: skip
    ledger = await consent.ledger([person["id"] for person in people])
    return render(
        request, "pages/engagements/courtesy/show.html", status=422 if forms else 200, people=[(person, ledger.get(person["id"], [])) for person in people],
        days=program_of(request).settings.claim_days, edits=may(actor, Permission.EDIT_EMPLOYERS), **context, **given,
    )  # fmt: skip


def _name(person: Record) -> str:
    return f"{person['given_name']} {person['family_name']}".strip()


def _url(employer_id: UUID) -> str:
    return f"/employers/{employer_id}/courtesy"


@post("/employers/{employer_id:uuid}/claim", guards=WORKS)
async def claim(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[Any]:
    form = await read_form(ClaimForm, request)
    if not form.validate():
        async with reading(actor):
            return await _page(request, actor, employer_id, claim_form=form)
    until = await courtesy.claim(actor, employer_id, form.struct(), days=program_of(request).settings.claim_days)
    return redirect(request, _url(employer_id), say=_("Your board leads the conversation until %(day)s.") % {"day": day(until)})


@post("/employers/{employer_id:uuid}/release", guards=WORKS)
async def release(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        form = await read_form(HandOnForm, request, choices={"board_id": await sharing.other_boards(actor)})
    if not form.validate():
        raise Invalid(_("Choose the board that leads from now on."))
    to_board = form.struct().board_id
    await courtesy.release(actor, employer_id, to_board=to_board, days=program_of(request).settings.claim_days)
    return redirect(request, _url(employer_id), say=_("Handed on.") if to_board else _("Anyone may lead the conversation now."))


@post("/employers/{employer_id:uuid}/stops", guards=EDITS)
async def add_stop(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        people = [(str(person["id"]), _name(person)) for person in await people_at(actor, employer_id)]
        form = await read_form(StopForm, request, choices={"contact_id": people})
        if not form.validate():
            return await _page(request, actor, employer_id, stop_form=form)
    typed: StopForm = form.struct()
    whose = {"contact_id": typed.contact_id} if typed.contact_id else {"employer_id": employer_id}
    await courtesy.stop(actor, typed, **whose)
    return redirect(request, _url(employer_id), say=_("Kept. Every sender of the program honours it from now on."))


@post("/stops/{stop_id:uuid}/lift", guards=EDITS)
async def lift_stop(request: AnyRequest, actor: NamedDependency[Actor], stop_id: FromPath[UUID]) -> Response[Any]:
    await courtesy.lift(actor, stop_id)
    return redirect(request, _back(request), say=_("Lifted."))


@post("/affiliations/{affiliation_id:uuid}/consent", guards=EDITS)
async def add_consent(request: AnyRequest, actor: NamedDependency[Actor], affiliation_id: FromPath[UUID]) -> Response[Any]:
    form = await read_form(ConsentForm, request)
    async with reading(actor):
        affiliation = await load(actor, "affiliation", affiliation_id)
        if not form.validate():
            return await _page(request, actor, affiliation["employer_id"], consent_form=form)
    await consent.record(actor, affiliation["contact_id"], form.struct())
    return redirect(request, _url(affiliation["employer_id"]), say=_("Kept in the ledger."))


@post("/employers/{employer_id:uuid}/shares", guards=WORKS)
async def add_share(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        form = await read_form(ShareForm, request, choices={"board_id": await sharing.other_boards(actor)})
    if form.validate():
        try:
            await sharing.share(actor, employer_id, form.struct(), today(request))
            return redirect(request, _url(employer_id), say=_("They may see it, until that day."))
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        return await _page(request, actor, employer_id, share_form=form)


@post("/shares/{share_id:uuid}/end", guards=WORKS)
async def end_share(request: AnyRequest, actor: NamedDependency[Actor], share_id: FromPath[UUID]) -> Response[Any]:
    await sharing.unshare(actor, share_id)
    return redirect(request, _back(request), say=_("They read it no more."))


@post("/employers/new/ask", guards=EDITS)
async def ask_elsewhere(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    """From the page that adds an employer, where someone of another board may be who is typed; the form stays as it is."""
    (form, added), found = await read_new(request, actor), NO_ONE
    asked = form.validate()
    if asked:
        try:
            await asking.ask_elsewhere(actor, form.struct())
            async with reading(actor):
                found = await candidates(actor, facts_of(form.struct()))
        except (Invalid, NotFound) as problem:
            asked = False
            form.problems.append(str(problem))
    return show_new(request, form, added, found, status=200 if asked else 422, asked=asked)


def _back(request: AnyRequest) -> str:
    return stood_on(request, "/employers/[^/]+/courtesy") or "/employers"


HANDLERS = [ask_elsewhere, show_courtesy, claim, release, add_stop, lift_stop, add_consent, add_share, end_share]
