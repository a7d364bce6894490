"""Pages of a hire: record it, answer what is open, see what each program brings, try a change, share it. Answers travel in forms, never in an address."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from crm import audit
from crm.access import Actor, Permission, load, may, may_work_for, visible
from crm.actions import reading
from crm.database import Record, fetch
from crm.errors import Conflict, Invalid, NotFound
from crm.forms import BoundForm, form_for, read_form
from crm.incentives import actions, changing, hires, installed, keeping, overviews, screening, told
from crm.incentives.asking import PREFIX
from crm.incentives.asking import given as answers_in
from crm.incentives.claims import case_listing
from crm.incentives.earlier_claims import earlier
from crm.incentives.forms import AskForm, HireForm, LinkForm, OverviewForm
from crm.incentives.outside import links, sharing
from crm.incentives.secrecy import is_secret
from crm.incentives.wording import text
from crm.sql import Sql
from crm.states import state_name
from crm.translation import _, language
from crm.web import AnyRequest, is_htmx, needs, program_of, read_filters, redirect, render, today

READS = [needs(Permission.SEE_PIPELINE)]
WORKS = [needs(Permission.ESTIMATE)]


class Asking(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What of the questions to ask: of one program alone, and those put off for later."""

    program: str = ""
    later: str = ""


# ── record ──


@get("/employers/{employer_id:uuid}/hires/new", guards=WORKS)
async def new_hire(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[str]:
    sites = await _sites(actor, employer_id)
    first = {"establishment_id": sites[0][0]} if len(sites) == 1 else {}
    return await _form_page(request, actor, employer_id, form_for(HireForm, choices={"establishment_id": sites}, initial=first))


async def _sites(actor: Actor, employer_id: UUID) -> list[tuple[str, str]]:
    rows = await fetch(
        Sql("select s.id, s.name, s.line1, s.city from establishment s where s.employer_id = {} and s.archived_at is null and {} "
            "order by s.is_primary desc, s.city limit 100", employer_id, visible(actor, "establishment", "s"))  # fmt: skip
    )
    return [(str(row["id"]), ", ".join(filter(None, (row["name"], row["line1"], row["city"])))) for row in rows]


async def _form_page(request: AnyRequest, actor: Actor, employer_id: UUID, form: BoundForm, hire: Record | None = None, status: int = 200) -> Response[str]:
    return render(request, "pages/incentives/hire_form.html", status=status, employer=await load(actor, "employer", employer_id), form=form, hire=hire)


@post("/employers/{employer_id:uuid}/hires/new", guards=WORKS)
async def add_hire(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        form = await read_form(HireForm, request, choices={"establishment_id": await _sites(actor, employer_id)})
    if form.validate():
        try:
            hire_id = await hires.add(actor, employer_id, form.struct())
            return redirect(request, f"/hires/{hire_id}", say=_("The hire is recorded."), undo=f"/hires/{hire_id}/put-away")
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        return await _form_page(request, actor, employer_id, form, status=422)


@get("/hires/{hire_id:uuid}/edit", guards=WORKS)
async def edit_hire(request: AnyRequest, actor: NamedDependency[Actor], hire_id: FromPath[UUID]) -> Response[str]:
    hire = await _own(actor, hire_id)
    initial = {name: hire[name] for name in ("label", "job_title", "starts_on", "state", "version")} | {"establishment_id": str(hire["establishment_id"] or "")}
    form = form_for(HireForm, choices={"establishment_id": await _sites(actor, hire["employer_id"])}, initial=initial)
    return await _form_page(request, actor, hire["employer_id"], form, hire)


async def _own(actor: Actor, hire_id: UUID) -> Record:
    hire = await hires.one(actor, hire_id)
    if not may_work_for(actor, hire["board_id"]):
        raise NotFound(_(hires.GONE))
    return hire


@post("/hires/{hire_id:uuid}/edit", guards=WORKS)
async def save_hire(request: AnyRequest, actor: NamedDependency[Actor], hire_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        hire = await _own(actor, hire_id)
        form = await read_form(HireForm, request, choices={"establishment_id": await _sites(actor, hire["employer_id"])})
    if form.validate():
        try:
            await hires.change(actor, hire_id, form.struct())
            return redirect(request, f"/hires/{hire_id}", say=_("Saved."))
        except Invalid as problem:
            form.refuse(problem)
        except Conflict as problem:
            form.problems.append(str(problem))
    async with reading(actor):
        return await _form_page(request, actor, hire["employer_id"], form, hire, 422)


@post("/hires/{hire_id:uuid}/put-away", guards=WORKS)
async def put_away(request: AnyRequest, actor: NamedDependency[Actor], hire_id: FromPath[UUID]) -> Response[Any]:
    employer_id = await hires.put_away(actor, hire_id)
    return redirect(request, f"/employers/{employer_id}", say=_("The hire is put away."), undo=f"/hires/{hire_id}/restore")


@post("/hires/{hire_id:uuid}/restore", guards=WORKS)
async def bring_back(request: AnyRequest, actor: NamedDependency[Actor], hire_id: FromPath[UUID]) -> Response[Any]:
    await hires.put_away(actor, hire_id, restore=True)
    return redirect(request, f"/hires/{hire_id}", say=_("The hire is back."))


# ── screen ──


@get("/hires/{hire_id:uuid}", guards=READS)
async def show_hire(request: AnyRequest, actor: NamedDependency[Actor], hire_id: FromPath[UUID]) -> Response[str]:
    return await page_of(request, actor, hire_id, read_filters(request, Asking))


async def page_of(
    request: AnyRequest, actor: Actor, hire_id: UUID, asking: Asking | None = None, *, given: dict[str, str] | None = None, problems: dict[str, str] | None = None,
    link: str = "", mailed: str = "", ask_form: BoundForm | None = None, opened: bool = False, status: int = 200,
) -> Response[str]:  # fmt: skip
    hire, day, asking = await hires.one(actor, hire_id), today(request), asking or Asking()
    known, inside = await told.of(hire), told.sees_secrets(actor)
    found = screening.screened(hire, known, day, outside=not inside, before=await earlier.of(hire))
    works = may(actor, Permission.ESTIMATE) and may_work_for(actor, hire["board_id"]) and hire["archived_at"] is None
    asked, put_off = changing.next_questions(found, asking.program, asking.later.split(","), set(problems or ()))
    return render(
        request, "pages/incentives/hire.html", block="screening", status=status, hire=hire, known=list(known.values()), found=found, works=works, inside=inside,
        asked=asked, put_off=put_off, asking=asking, given=given or {}, problems=problems or {}, prefix=PREFIX, text=text, sealed=is_secret, today=day,
        place=state_name(told.place_of(hire)), link=link, mailed=mailed, opened=opened, ask_form=ask_form or form_for(AskForm, initial={"language": language()}),
        kept_until=await keeping.until(hire_id), learner_links=await links.standing(actor, hire_id, day, links.ANSWERS),
        cases=await case_listing.of_hire(actor, hire_id), sent=await case_listing.sent_on(actor, hire_id), name=case_listing.program_name, links=await links.standing(actor, hire_id, day), link_form=form_for(LinkForm),
    )  # fmt: skip


@post("/hires/{hire_id:uuid}/sealed", guards=WORKS, status_code=200)
async def show_sealed(request: AnyRequest, actor: NamedDependency[Actor], hire_id: FromPath[UUID]) -> Response[str]:
    """The page with the sealed answers in it; that they were read is on record."""
    async with reading(actor):
        hire = await _own(actor, hire_id)
    await audit.record_disclosure(actor, "hire.secrets_read", subject_kind="hire", subject_id=hire_id, board_id=hire["board_id"], employer_id=hire["employer_id"])
    async with reading(actor):
        return await page_of(request, actor, hire_id, opened=True)


@post("/hires/{hire_id:uuid}/answers", guards=WORKS, status_code=200)
async def keep_answers(request: AnyRequest, actor: NamedDependency[Actor], hire_id: FromPath[UUID]) -> Response[Any]:
    """What was left open is asked later; with a script the screening comes back, without one its page."""
    given, other = await answers_in(request)
    put_off = changing.kept_for_later(other.get("later", ""), other.get("asked", ""), given)
    asking = Asking(program=other.get("program", "")[:80], later=",".join(put_off))
    try:
        await hires.tell(actor, hire_id, {key: value for key, value in given.items() if value})
    except Invalid as problem:
        if not problem.fields:
            raise
        async with reading(actor):
            return await page_of(request, actor, hire_id, asking, given=given, problems=problem.fields, status=422)
    if is_htmx(request):
        async with reading(actor):
            return await page_of(request, actor, hire_id, asking)
    back = f"/hires/{hire_id}/programs/{asking.program}" if other.get("from") == "program" and asking.program else changing.address(hire_id, asking)
    return redirect(request, back)


@get("/hires/{hire_id:uuid}/programs/{program_id:str}", guards=READS)
async def show_program(request: AnyRequest, actor: NamedDependency[Actor], hire_id: FromPath[UUID], program_id: FromPath[str]) -> Response[str]:
    """One program for the hire: every step, every condition, and what is still to ask."""
    hire, day = await hires.one(actor, hire_id), today(request)
    inside = told.sees_secrets(actor)
    program = actions.program_of(program_id)
    shown = screening.of_program(program, hire, await told.of(hire), day, outside=not inside, before=await earlier.of(hire))
    facts = installed.library().facts
    return render(
        request, "pages/incentives/program.html", hire=hire, program=program, estimate=shown, text=text, sealed=is_secret, today=day, inside=inside, prefix=PREFIX,
        works=may(actor, Permission.ESTIMATE) and may_work_for(actor, hire["board_id"]) and hire["archived_at"] is None,
        case=next((each for each in await case_listing.of_hire(actor, hire_id) if each["program"] == program_id and each["state"] != "withdrawn"), None),
        sent=await case_listing.sent_on(actor, hire_id), asked=[facts[key] for key in shown["missing"]][: screening.ASKED_AT_ONCE], given={}, problems={}, put_off=[],
    )  # fmt: skip


# ── change an answer, seen before it is kept ──


@get("/hires/{hire_id:uuid}/facts/{fact_key:str}", guards=WORKS)
async def show_fact(request: AnyRequest, actor: NamedDependency[Actor], hire_id: FromPath[UUID], fact_key: FromPath[str]) -> Response[str]:
    return await _fact_page(request, actor, hire_id, fact_key)


async def _fact_page(
    request: AnyRequest, actor: Actor, hire_id: UUID, key: str, *, typed: str | None = None, differences: list[Any] | None = None, problem: str = ""
) -> Response[str]:
    hire = await _own(actor, hire_id)
    fact = installed.library().facts.get(key)
    known = await told.of(hire)
    if fact is None or (key in known and known[key].source == "record"):
        raise NotFound(_(hires.GONE))
    value = typed if typed is not None else told.as_text(known[key].value) if key in known and not known[key].is_secret else ""
    return render(
        request, "pages/incentives/fact.html", block="change", status=422 if problem else 200, hire=hire, fact=fact, known=known.get(key), value=value,
        differences=differences, problems={key: problem} if problem else {}, prefix=PREFIX, text=text, sealed=is_secret,
    )  # fmt: skip


@post("/hires/{hire_id:uuid}/facts/{fact_key:str}", guards=WORKS, status_code=200)
async def change_fact(request: AnyRequest, actor: NamedDependency[Actor], hire_id: FromPath[UUID], fact_key: FromPath[str]) -> Response[Any]:
    """Shows what a change would change, keeps it, or forgets the answer."""
    given, other = await answers_in(request)
    key = fact_key
    typed, undo = given.get(key, ""), f"/hires/{hire_id}/facts/{key}/undo"
    if other.get("act") == "forget" or (other.get("act") == "save" and not typed):
        await hires.forget(actor, hire_id, key)
        return redirect(request, f"/hires/{hire_id}", say=_("The answer is taken out."), undo=undo)
    try:
        if other.get("act") == "save":
            await hires.tell(actor, hire_id, {key: typed})
            return redirect(request, f"/hires/{hire_id}", say=_("Saved."), undo=undo)
        async with reading(actor):
            hire = await _own(actor, hire_id)
            differences = changing.differences(hire, await told.of(hire), hires.answers({key: typed}), {key}, today(request), await earlier.of(hire))
            return await _fact_page(request, actor, hire_id, key, typed=typed, differences=differences)
    except Invalid as problem:
        async with reading(actor):
            return await _fact_page(request, actor, hire_id, key, typed=typed, problem=str(problem))


@post("/hires/{hire_id:uuid}/facts/{fact_key:str}/undo", guards=WORKS)
async def undo_fact(request: AnyRequest, actor: NamedDependency[Actor], hire_id: FromPath[UUID], fact_key: FromPath[str]) -> Response[Any]:
    await hires.take_back(actor, hire_id, fact_key)
    return redirect(request, f"/hires/{hire_id}", say=_("The answer before stands again."), undo=f"/hires/{hire_id}/facts/{fact_key}/undo")


# ── on paper, and for others ──


@post("/hires/{hire_id:uuid}/share", guards=WORKS)
async def share_hire(request: AnyRequest, actor: NamedDependency[Actor], hire_id: FromPath[UUID]) -> Response[Any]:
    await sharing.share(actor, hire_id)
    return redirect(request, f"/hires/{hire_id}#share", say=_("The employer's people see it in their portal now."), undo=f"/hires/{hire_id}/unshare")


@post("/hires/{hire_id:uuid}/unshare", guards=WORKS)
async def unshare_hire(request: AnyRequest, actor: NamedDependency[Actor], hire_id: FromPath[UUID]) -> Response[Any]:
    await sharing.share(actor, hire_id, end=True)
    return redirect(request, f"/hires/{hire_id}#share", say=_("The employer's people see it no more."), undo=f"/hires/{hire_id}/share")


@post("/hires/{hire_id:uuid}/paper", guards=WORKS)
async def print_screening(request: AnyRequest, actor: NamedDependency[Actor], hire_id: FromPath[UUID]) -> Response[Any]:
    _estimate_id, job_id = await actions.save_estimate(actor, hire_id, today(request))
    return redirect(request, f"/jobs/{job_id}", say=_("The PDF is being made. It hangs on the timeline then."))


@post("/hires/{hire_id:uuid}/calendar", guards=WORKS)
async def print_calendar(request: AnyRequest, actor: NamedDependency[Actor], hire_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        hire = await _own(actor, hire_id)
    job_id = await overviews.ask_for(actor, hire["employer_id"], today(request), hire_id=hire_id)
    return redirect(request, f"/jobs/{job_id}", say=_("The PDF is being made. It hangs on the timeline then."))


@post("/employers/{employer_id:uuid}/incentives/paper", guards=WORKS)
async def print_overview(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[Any]:
    form = await read_form(OverviewForm, request)
    if not form.validate():
        raise Invalid(_("Choose a year between 2000 and 2100."))
    asked = form.struct()
    job_id = await overviews.ask_for(actor, employer_id, today(request), year=asked.year if asked.what == "year" else None)
    return redirect(request, f"/jobs/{job_id}", say=_("The PDF is being made. It hangs on the timeline then."))


@post("/hires/{hire_id:uuid}/links", guards=WORKS, status_code=200)
async def make_link(request: AnyRequest, actor: NamedDependency[Actor], hire_id: FromPath[UUID]) -> Response[Any]:
    """The page once, with the link in it: it is kept as a hash alone."""
    async with reading(actor):
        await _own(actor, hire_id)
    form = await read_form(LinkForm, request)
    if not form.validate():
        raise Invalid(_("Choose between 1 and 90 days."))
    secret = await links.make(actor, hire_id, form.struct().days, today(request))
    async with reading(actor):
        return await page_of(request, actor, hire_id, link=f"{program_of(request).settings.url}/screenings/{secret}")


@post("/screening-links/{screening_link_id:uuid}/revoke", guards=WORKS)
async def revoke_link(request: AnyRequest, actor: NamedDependency[Actor], screening_link_id: FromPath[UUID]) -> Response[Any]:
    hire_id = await links.revoke(actor, screening_link_id)
    return redirect(request, f"/hires/{hire_id}", say=_("The link is taken back. It opens nothing any more."))


HANDLERS = [
    new_hire, add_hire, edit_hire, save_hire, put_away, bring_back, show_hire, show_sealed, keep_answers, show_program, show_fact, change_fact, undo_fact, print_screening,
    print_calendar, print_overview, make_link, revoke_link, share_hire, unshare_hire,
]  # fmt: skip
