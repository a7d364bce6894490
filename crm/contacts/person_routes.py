"""The page of a person: who is this, where do they work, what do they want; and the changes of their roles."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from crm.access import Actor, Permission, load, may, visible
from crm.actions import reading
from crm.contacts import alike, consent, moving, present, roles
from crm.contacts.forms import JobChangeForm, NewRoleForm
from crm.contacts.knowing import name_of
from crm.contacts.reachability import STANDING_MARK
from crm.contacts.routes import site_choices
from crm.database import Record, fetch, fetch_one
from crm.days import agency_today
from crm.employers import searching
from crm.employers.matching.admitting import LikelyDuplicate
from crm.employers.matching.candidates import NO_ONE, Found
from crm.engagements import services
from crm.engagements import timeline as story
from crm.engagements.timeline import Subject
from crm.errors import Invalid
from crm.forms import BoundForm, form_for, read_form
from crm.sql import Sql
from crm.translation import _, language, ngettext
from crm.web import AnyRequest, needs, program_of, read_filters, redirect, render

SEES = [needs(Permission.SEE_PIPELINE), needs(Permission.SEE_CONTACTS)]
EDITS = [needs(Permission.EDIT_EMPLOYERS)]


@get("/contacts/{person_id:uuid}", guards=SEES)
async def show(request: AnyRequest, actor: NamedDependency[Actor], person_id: FromPath[UUID]) -> Response[Any]:
    person = await load(actor, "contact", person_id)
    if person["merged_into"]:
        return redirect(request, f"/contacts/{person['merged_into']}", say=_("%(name)s was joined with this person.") % {"name": name_of(person)})
    today = agency_today()
    listed = await roles_of(actor, person_id)
    now = [role for role in listed if present.is_current(role, today)]
    lines, after = await story.timeline(actor, Subject("contact", person_id), story.Filters(), program_of(request).settings.time_zone)
    change = await moving.last_change(actor, person_id) if may(actor, Permission.EDIT_EMPLOYERS) else None
    return render(
        request, "pages/contacts/person.html", person=person, name=name_of(person) or person["email"] or _("No name"), now=now,
        later=[role for role in listed if role["valid_from"] and role["valid_from"] > today], past=[role for role in listed if role["valid_to"] and role["valid_to"] < today],
        span_of=roles.span_of, today=today, change=change, mark=await _mark(actor, person_id), stops=await _stops(actor, person_id, today),
        ledger=(await consent.ledger([person_id])).get(person_id, []), twins=await alike.of(actor, person_id) if may(actor, Permission.EDIT_EMPLOYERS) else [],
        timeline=lines, after=after, subject=Subject("contact", person_id), told=story.told, stage_name=f"name_{language()}",
        codes=services.names(await services.known()) if any(line["service_code"] for line in lines) else {}, story_url=f"/contacts/{person_id}/timeline",
    )  # fmt: skip


async def roles_of(actor: Actor, person_id: UUID) -> list[Record]:
    """Every role, the newest first, with its employer and worksite as far as the actor may see them."""
    return await fetch(
        Sql("select f.*, e.name, e.city, e.archived_at, s.name as site_name, s.line1 as site_line, s.city as site_city from affiliation f "
            "join employer e on e.id = f.employer_id and {} left join establishment s on s.id = f.establishment_id and {} "
            "where f.contact_id = {} and {} order by f.is_primary desc, f.valid_to desc nulls first, f.valid_from desc nulls last, e.name, f.id limit 100",
            visible(actor, "employer", "e"), visible(actor, "establishment", "s"), person_id, visible(actor, "affiliation", "f"))  # fmt: skip
    )


async def _mark(actor: Actor, person_id: UUID) -> Record | None:
    return await fetch_one(Sql(f"select k.* from contact c join lateral {STANDING_MARK} k on true where c.id = {{}} and {{}}", person_id, visible(actor, "contact", "c")))


async def _stops(actor: Actor, person_id: UUID, today: date) -> list[Record]:
    return await fetch(
        Sql("select s.*, b.name as board, a.name as by from contact_stop s left join board b on b.id = s.board_id left join account a on a.id = s.made_by "
            "where s.contact_id = {} and s.lifted_at is null and (s.until is null or s.until >= {}) and {} order by s.made_at desc limit 20",
            person_id, today, visible(actor, "contact_stop", "s"))  # fmt: skip
    )


# ── one role more ──


class Where(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """At which employer: chosen, looked for, or one that is new."""

    employer: UUID | None = None
    new: str = ""
    q: str = ""
    left_on: str = ""  # typed before the employer was looked for


async def _typed(request: AnyRequest) -> Where:
    """The same, of a form that was sent."""
    typed = await request.form()
    try:
        employer = UUID(str(typed["employer_id"])) if typed.get("employer_id") else None
    except ValueError as problem:
        raise Invalid(_("Choose the employer first.")) from problem
    return Where(employer=employer, new="yes" if "new_name" in typed else "")


async def _found(actor: Actor, q: str) -> list[Record]:
    return await searching.suggest(actor, q[:200]) if len(q.strip()) > 1 else []


@get("/contacts/{person_id:uuid}/roles/new", guards=EDITS)
async def new_role(request: AnyRequest, actor: NamedDependency[Actor], person_id: FromPath[UUID]) -> Response[str]:
    """First the employer, found as one types; then what they do there."""
    where = read_filters(request, Where)
    form = form_for(NewRoleForm, choices=await site_choices(actor, where.employer), initial={"valid_from": agency_today()}) if where.employer else None
    return await _role_page(request, actor, person_id, where, form)


async def _role_page(request: AnyRequest, actor: Actor, person_id: UUID, where: Where, form: BoundForm | None, status: int = 200) -> Response[str]:
    person = await load(actor, "contact", person_id)
    employer = await load(actor, "employer", where.employer) if where.employer else None
    return render(request, "pages/contacts/role.html", block="found", status=status, person=person, name=name_of(person), employer=employer, form=form, q=where.q,
                  found=await _found(actor, where.q), finding=f"/contacts/{person_id}/roles/new", choosing=f"/contacts/{person_id}/roles/new?", typed="",
                  adding="/employers/new")  # fmt: skip


@post("/contacts/{person_id:uuid}/roles/new", guards=EDITS)
async def add_role(request: AnyRequest, actor: NamedDependency[Actor], person_id: FromPath[UUID]) -> Response[Any]:
    where = await _typed(request)
    if where.employer is None:
        raise Invalid(_("Choose the employer first."))
    async with reading(actor):
        form = await read_form(NewRoleForm, request, choices=await site_choices(actor, where.employer))
    if form.validate():
        try:
            await roles.add_role(actor, person_id, where.employer, form.struct())
            return redirect(request, f"/contacts/{person_id}", say=_("The role is saved."))
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        return await _role_page(request, actor, person_id, where, form, 422)


@post("/affiliations/{affiliation_id:uuid}/bring-back", guards=EDITS)
async def bring_back(request: AnyRequest, actor: NamedDependency[Actor], affiliation_id: FromPath[UUID]) -> Response[Any]:
    role = await roles.bring_back(actor, affiliation_id)
    return redirect(request, f"/contacts/{role['contact_id']}", say=_("The role goes on, with no last day."))


# ── changed jobs ──


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


@get("/affiliations/{affiliation_id:uuid}/left", guards=EDITS)
async def left_page(request: AnyRequest, actor: NamedDependency[Actor], affiliation_id: FromPath[UUID]) -> Response[str]:
    where = read_filters(request, Where)
    role = await load(actor, "affiliation", affiliation_id)
    initial = {"left_on": _day(where.left_on) or agency_today(), "version": role["version"], "employer_id": str(where.employer or ""),
               "new_state": program_of(request).settings.state if where.new else ""}  # fmt: skip
    form = form_for(JobChangeForm, choices=await site_choices(actor, where.employer), initial=initial)
    return await _left_page(request, actor, role, where, form)


async def _left_page(
    request: AnyRequest, actor: Actor, role: Mapping[str, Any], where: Where, form: BoundForm, *, status: int = 200, duplicates: Found = NO_ONE,
    final: bool = False,
) -> Response[str]:  # fmt: skip
    person = await load(actor, "contact", role["contact_id"])
    today = agency_today()
    others = [each for each in await roles_of(actor, person["id"]) if each["employer_id"] == role["employer_id"] and present.is_current(each, today)]
    to = await load(actor, "employer", where.employer) if where.employer else None
    url = f"/affiliations/{role['id']}/left"
    typed = f"&left_on={where.left_on}" if _day(where.left_on) else ""
    return render(request, "pages/contacts/left.html", block="found", status=status, person=person, name=name_of(person), role=role, form=form, to=to,
                  employer=await load(actor, "employer", role["employer_id"]), others=[each for each in others if each["id"] != role["id"]], new=bool(where.new),
                  q=where.q, found=await _found(actor, where.q), duplicates=duplicates, final=final,
                  finding=url, choosing=f"{url}?", typed=typed, adding=f"{url}?new=yes{typed}")  # fmt: skip


@post("/affiliations/{affiliation_id:uuid}/left", guards=EDITS)
async def left(request: AnyRequest, actor: NamedDependency[Actor], affiliation_id: FromPath[UUID]) -> Response[Any]:
    where = await _typed(request)
    duplicates, final = NO_ONE, False
    async with reading(actor):
        role = await load(actor, "affiliation", affiliation_id)
        form = await read_form(JobChangeForm, request, choices=await site_choices(actor, where.employer))
    if form.validate():
        try:
            if where.new and not form["new_name"].data:
                message = _("Please fill this in.")
                raise Invalid(message, fields={"new_name": message})
            done = await moving.change_job(actor, affiliation_id, form.struct(), today=agency_today())
            return redirect(request, f"/contacts/{done.contact_id}", say=said(done), undo=f"/job-changes/{done.id}/undo")
        except LikelyDuplicate as problem:
            duplicates, final = problem.found, problem.final
            form.problems.append(str(problem) if final else _("Someone like this is here already. Choose them below, or say that this is another employer."))
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        return await _left_page(request, actor, role, where, form, status=422, duplicates=duplicates, final=final)


def said(done: moving.Changed) -> str:
    told = [_("Kept. What was stays in the history.")]
    if done.stopped:
        told.append(ngettext("%(num)s sequence ended.", "%(num)s sequences ended.", done.stopped) % {"num": done.stopped})
    if done.without_main:
        told.append(_("The employer has no main contact then; the page of the employer says so."))
    return " ".join(told)


@post("/job-changes/{job_change_id:uuid}/undo", guards=EDITS)
async def undo(request: AnyRequest, actor: NamedDependency[Actor], job_change_id: FromPath[UUID]) -> Response[Any]:
    made = await moving.undo(actor, job_change_id)
    return redirect(request, f"/contacts/{made['contact_id']}", say=_("All is as it was before."))


HANDLERS = [show, new_role, add_role, bring_back, left_page, left, undo]
