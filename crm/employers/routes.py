"""Pages of the directory: find, open, add, change."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from crm import industries, merging
from crm.access import Actor, ActorKind, Permission, load, may, may_work_for, visible
from crm.actions import reading
from crm.addresses import Address
from crm.database import Record, fetch, fetch_one
from crm.employers import actions, bulk, listing, searching
from crm.employers.forms import BoardChoice, EmployerForm, EstablishmentForm, NewEmployerForm
from crm.employers.matching.admitting import LikelyDuplicate
from crm.employers.matching.candidates import NO_ONE, Found, candidates
from crm.employers.matching.keys import typed
from crm.employers.searching import Filters, ListFilters
from crm.errors import Invalid
from crm.fields import showing as added_fields
from crm.fields import sorting
from crm.fields.definitions import Defined
from crm.fields.definitions import fields as fields_of
from crm.fields.listing import asked_in_words, narrowing
from crm.fields.own import Own, own
from crm.forms import BoundForm, form_for, read_form
from crm.gathering import gather_panels, panels_for
from crm.merging import EditConflict
from crm.sql import Sql
from crm.templating import label
from crm.translation import _, language
from crm.views import showing
from crm.web import AnyRequest, filtered, needs, program_of, read_filters, redirect, render, today


@get("/", opt={"public": True})
async def start(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    """Where each person's day starts."""
    if not actor.is_signed_in:
        return Redirect("/sign-in", status_code=303)
    if actor.kind is ActorKind.EMPLOYER:
        return Redirect("/portal", status_code=303)
    return Redirect(await showing.start_address(actor) or "/employers", status_code=303)


@get("/help/keys", opt={"public": True})
async def keys_page(request: AnyRequest) -> Response[str]:
    return render(request, "pages/help/keys.html")


@get("/employers", guards=[needs(Permission.SEE_DIRECTORY)])
async def list_page(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    filters = read_filters(request, ListFilters)
    fields = await fields_of(actor)
    offered, columns = listing.offered(actor, fields), listing.columns(actor, filters, fields)
    found = await searching.list_employers(actor, filters, more=listing.needs(columns), runs=sorting.runs_of(fields, filters.sort))
    words = await listing.words()
    filters = listing.tidied(actor, filters, fields)
    return render(
        request, "pages/employers/list.html", block="results", filters=filters, found=found, words=words, offered=offered,
        columns=columns, shown=listing.cells(columns, words, found.rows), address=_address(filters), chips=_chips(actor, filters, words, fields), narrowing=narrowing(actor, fields), sorts=sorting.offered(fields),
        settable=bulk.settable(fields), saved=await showing.tabs(actor, listing.EMPLOYERS, filters, words.boards),
    )  # fmt: skip


def _address(filters: Filters, **changes: Any) -> str:
    """The list's address with these filters changed."""
    return filtered("/employers", filters, **changes)


def _chips(actor: Actor, filters: ListFilters, words: listing.Words, fields: Sequence[Defined]) -> list[tuple[str, str]]:
    """What the list is narrowed to, in words, each with the address without it."""
    engaged = {"mine": _("On our pipeline"), "none": _("Not on our pipeline")}
    said = {
        "q": f"“{filters.q}”", "board": words.board(filters.board), "stage": words.stage(filters.stage),
        "sector": words.sectors.get(filters.sector) or industries.name(filters.sector), "size": filters.size,
        "status": label(filters.status), "engaged": engaged.get(filters.engaged, ""), "level": _("Engagement level %(level)s") % {"level": filters.level},
    }  # fmt: skip
    plain = [(text, _address(filters, **{key: None})) for key, text in said.items() if getattr(filters, key)]
    asked = asked_in_words(actor, fields, filters.added)
    return plain + [(text, _address(filters, added=tuple(each for each in filters.added if each != name))) for name, text in asked.items()]


@get("/employers/new", guards=[needs(Permission.EDIT_EMPLOYERS)])
async def new_page(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    added = await own(actor, "employer")
    form = form_for(added.form(NewEmployerForm), initial={"state": _state(request)} | added.initial, choices=added.choices)
    return show_new(request, form, added)


def show_new(
    request: AnyRequest, form: BoundForm, added: Own, found: Found = NO_ONE, *, status: int = 200, final: bool = False, asked: bool = False
) -> Response[str]:
    """The form with whom it may be; `final`: no reason helps; `asked`: the board of someone who may not be seen was."""
    return render(request, "pages/employers/new.html", status=status, form=form, own=added, found=found, final=final, asked=asked)


async def read_new(request: AnyRequest, actor: Actor) -> tuple[BoundForm, Own]:
    """The form of an employer to come as it was filled in, with the fields that the state and plugins add."""
    async with reading(actor):
        added = await own(actor, "employer")
    return await read_form(added.form(NewEmployerForm), request, choices=added.choices), added


def _state(request: AnyRequest) -> str:
    return str(request.app.state.program.settings.state)


@get("/employers/new/hints", guards=[needs(Permission.EDIT_EMPLOYERS)])
async def duplicate_hints(
    request: AnyRequest, actor: NamedDependency[Actor], name: FromQuery[str] = "", city: FromQuery[str] = "",
    phone: FromQuery[str] = "", website: FromQuery[str] = "",
) -> Response[str]:  # fmt: skip
    facts = typed(name[:200], phone=phone[:40], website=website[:300], address=Address(city=city[:100]))
    return render(request, "pages/employers/hints.html", found=await candidates(actor, facts))


@post("/employers/new", guards=[needs(Permission.EDIT_EMPLOYERS)])
async def create(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    form, added = await read_new(request, actor)
    found, final = NO_ONE, False
    if form.validate():
        data = form.struct()
        try:
            if data.anyway and len(data.reason.strip()) < 3:
                message = _("Say how you know that it is another employer.")
                raise Invalid(message, fields={"reason": message})
            employer_id = await actions.create_employer(actor, data)
            return redirect(request, f"/employers/{employer_id}", say=_("%(name)s is in the directory.") % {"name": data.name})
        except LikelyDuplicate as problem:
            found, final = problem.found, problem.final
            form.problems.append(str(problem) if final else _("Someone like this is here already. Open them below, or say that this is another employer."))
        except Invalid as problem:
            form.refuse(problem)
            found = await _found_again(actor, data)
    return show_new(request, form, added, found, status=422, final=final)


async def _found_again(actor: Actor, data: NewEmployerForm) -> Found:
    """Beside a form that comes back for another reason, where someone was asked already."""
    if not data.anyway:
        return NO_ONE
    async with reading(actor):
        return await candidates(actor, actions.facts_of(msgspec.structs.replace(data, fein="")))


@get("/employers/{employer_id:uuid}", guards=[needs(Permission.SEE_DIRECTORY)])
async def show(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[Any]:
    from crm.contacts.present import works
    from crm.contacts.reachability import STANDING_MARK
    from crm.engagements import services
    from crm.engagements import timeline as story
    from crm.engagements.routes import side_context
    from crm.engagements.timeline import Subject

    zone = program_of(request).settings.time_zone
    employer = await load(actor, "employer", employer_id, beside=added_fields.of_employer(actor))
    if employer["merged_into"]:
        return redirect(request, f"/employers/{employer['merged_into']}", say=_("%(name)s was merged into this employer.") % {"name": employer["name"]})
    sites = await fetch(
        Sql("select s.*, b.name as board_name, t.name as territory_name, t.review_status as territory_review, "
            "a.name as set_by from establishment s left join board b on b.id = s.board_id "
            "left join territory t on t.id = s.board_territory_id left join account a on a.id = s.board_set_by "
            "where s.employer_id = {} and s.archived_at is null and {} order by s.is_primary desc, s.city limit 50",
            employer_id, visible(actor, "establishment", "s"))  # fmt: skip
    )
    people: list[Record] = []
    if may(actor, Permission.SEE_CONTACTS):
        people = await fetch(
            Sql("select f.*, c.given_name, c.family_name, c.email, c.phone, c.phone_extension, c.language, c.channel, "
                "c.do_not_contact, c.version as contact_version, k.id as mark_id, k.kind as mark_kind, k.lasting as mark_lasting, k.reason as mark_reason, "
                "k.at as mark_at, {} as here from affiliation f join contact c on c.id = f.contact_id "
                f"left join lateral {STANDING_MARK} k on true "
                "where f.employer_id = {} and c.archived_at is null and {} and {} "
                "order by here desc, f.is_primary desc, c.family_name limit 100",
                works("f"), employer_id, visible(actor, "contact", "c"), visible(actor, "affiliation", "f"))  # fmt: skip
        )
    lines, after = await story.timeline(actor, Subject("employer", employer_id), story.Filters(), zone) if may(actor, Permission.SEE_PIPELINE) else ([], "")
    return render(
        request, "pages/employers/show.html", employer=employer, sites=sites, people=people, added=added_fields.by_whom(employer["added"]), timeline=lines, after=after,
        industry=industries.name(employer["naics"]) if employer["naics"] else "", panels=await gather_panels(actor, employer_id),
        later=panels_for(actor, later=True),
        stage_name=f"name_{language()}", told=story.told, codes=services.names(await services.known()) if any(line["service_code"] for line in lines) else {}, story_url=f"/employers/{employer_id}/timeline",
        **await side_context(actor, employer_id, today(request)),
    )  # fmt: skip


@get("/employers/{employer_id:uuid}/panels", guards=[needs(Permission.SEE_DIRECTORY)])
async def later_panels(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[str]:
    """What comes after the employer's page: in its place, or as a page of its own."""
    employer = await load(actor, "employer", employer_id)
    return render(request, "pages/employers/panels.html", block="panels", employer=employer, panels=await gather_panels(actor, employer_id, later=True))


def _editable(employer: dict[str, Any]) -> dict[str, Any]:
    names = ("name", "ownership", "employee_count", "naics", "website", "phone", "status", "note", "dbas", "former_names", "match_key", "other_keys", "domain")
    return {key: employer[key] for key in names} | {"fein_last4": employer.get("fein_last4", "")}


@get("/employers/{employer_id:uuid}/edit", guards=[needs(Permission.EDIT_EMPLOYERS)])
async def edit_page(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[str]:
    employer = await load(actor, "employer", employer_id)
    added = await own(actor, "employer", employer_id)
    shown = _editable(employer) | added.shown
    lines = {name: "\n".join(employer[name]) for name in ("dbas", "former_names")}
    initial = shown | lines | added.initial | {"version": employer["version"], "base": merging.shown(shown)}
    form = form_for(added.form(EmployerForm), initial={k: v for k, v in initial.items() if k not in {*actions.DERIVED, "fein_last4"}}, choices=added.choices)
    return render(request, "pages/employers/edit.html", employer=employer, form=form, own=added, conflict=None)


@post("/employers/{employer_id:uuid}/edit", guards=[needs(Permission.EDIT_EMPLOYERS)])
async def change(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        added = await own(actor, "employer", employer_id)
    form = await read_form(added.form(EmployerForm), request, choices=added.choices)
    conflict = None
    if form.validate():
        try:
            kept = await actions.change_employer(actor, employer_id, form.struct())
            return redirect(request, f"/employers/{employer_id}", say=form.saved(kept, _("Saved.")))
        except EditConflict as problem:
            conflict = problem
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        employer, added = await load(actor, "employer", employer_id), await own(actor, "employer", employer_id)
    status = 409 if conflict else 422
    if conflict:
        # their value of these fields counts as shown now, so that saving again keeps mine, and theirs of all others
        now = _editable(employer) | added.shown
        seen = {name: now[name] for name in ("fein_last4" if name == "fein" else name for name in conflict.theirs)}
        form["base"].data = merging.shown(merging.shown_before(form["base"].data) | seen)
    return render(request, "pages/employers/edit.html", status=status, employer=employer, form=form, own=added, conflict=conflict)


@post("/employers/{employer_id:uuid}/archive", guards=[needs(Permission.EDIT_EMPLOYERS)])
async def archive(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[Any]:
    await actions.archive_employer(actor, employer_id)
    return redirect(request, "/employers", say=_("Archived. It is off the lists; nothing was deleted."),
                    undo=f"/employers/{employer_id}/restore")  # fmt: skip


@post("/employers/{employer_id:uuid}/restore", guards=[needs(Permission.EDIT_EMPLOYERS)])
async def restore(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[Any]:
    await actions.archive_employer(actor, employer_id, restore=True)
    return redirect(request, f"/employers/{employer_id}", say=_("Back on the lists."))


@post("/employers/{employer_id:uuid}/fein", guards=[needs(Permission.SEE_FEIN)])
async def show_fein(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        employer = await load(actor, "employer", employer_id)
        fein = await actions.shown_fein(actor, employer_id)
    return render(request, "pages/employers/fein.html", employer=employer, fein=fein)


@get("/employers/{employer_id:uuid}/sites/new", guards=[needs(Permission.EDIT_EMPLOYERS)])
async def new_establishment_page(
    request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]
) -> Response[str]:
    employer = await load(actor, "employer", employer_id)
    added = await own(actor, "establishment")
    form = form_for(added.form(EstablishmentForm), initial={"state": employer["state"] or _state(request)} | added.initial, choices=added.choices)
    return render(request, "pages/employers/site.html", employer=employer, site=None, form=form, own=added, conflict=None)


@post("/employers/{employer_id:uuid}/sites/new", guards=[needs(Permission.EDIT_EMPLOYERS)])
async def add_site(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        added = await own(actor, "establishment")
    form = await read_form(added.form(EstablishmentForm), request, choices=added.choices)
    if form.validate():
        try:
            await actions.add_establishment(actor, employer_id, form.struct())
            return redirect(request, f"/employers/{employer_id}", say=_("The worksite is saved."))
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        employer = await load(actor, "employer", employer_id)
    return render(request, "pages/employers/site.html", status=422, employer=employer, site=None, form=form, own=added, conflict=None)


@get("/establishments/{establishment_id:uuid}/edit", guards=[needs(Permission.EDIT_EMPLOYERS)])
async def establishment_page(
    request: AnyRequest, actor: NamedDependency[Actor], establishment_id: FromPath[UUID]
) -> Response[str]:
    site = await load(actor, "establishment", establishment_id)
    employer = await load(actor, "employer", site["employer_id"])
    added = await own(actor, "establishment", establishment_id)
    shown = _editable_site(site) | added.shown
    initial = shown | added.initial | {"version": site["version"], "base": merging.shown(shown)}
    form = form_for(added.form(EstablishmentForm), initial=initial, choices=added.choices)
    return render(request, "pages/employers/site.html", employer=employer, site=site, form=form, own=added, conflict=None)


def _editable_site(site: dict[str, Any]) -> dict[str, Any]:
    hidden = {"version", "base"}
    return {field.name: site[field.name] for field in msgspec.structs.fields(EstablishmentForm) if field.name not in hidden}


@post("/establishments/{establishment_id:uuid}/edit", guards=[needs(Permission.EDIT_EMPLOYERS)])
async def save_site(request: AnyRequest, actor: NamedDependency[Actor], establishment_id: FromPath[UUID]) -> Response[Any]:
    conflict = None
    async with reading(actor):
        site, added = await load(actor, "establishment", establishment_id), await own(actor, "establishment", establishment_id)
    form = await read_form(added.form(EstablishmentForm), request, choices=added.choices)
    if form.validate():
        try:
            kept = await actions.change_establishment(actor, establishment_id, form.struct())
            return redirect(request, f"/employers/{site['employer_id']}", say=form.saved(kept, _("The worksite is saved.")))
        except EditConflict as problem:
            conflict = problem
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        site = await load(actor, "establishment", establishment_id)
        employer = await load(actor, "employer", site["employer_id"])
        added = await own(actor, "establishment", establishment_id)
    if conflict:
        form["base"].data = merging.shown_again(form["base"].data, _editable_site(site) | added.shown, conflict)
    return render(request, "pages/employers/site.html", status=409 if conflict else 422, employer=employer, site=site,
                  form=form, own=added, conflict=conflict)  # fmt: skip


@get("/establishments/{establishment_id:uuid}/board", guards=[needs(Permission.EDIT_EMPLOYERS)])
async def board_page(
    request: AnyRequest, actor: NamedDependency[Actor], establishment_id: FromPath[UUID]
) -> Response[str]:
    return await _board_page(request, actor, establishment_id, None)


async def _board_page(
    request: AnyRequest, actor: Actor, establishment_id: UUID, form: BoundForm | None, status: int = 200
) -> Response[str]:
    site = await load(actor, "establishment", establishment_id)
    employer = await load(actor, "employer", site["employer_id"])
    board = await fetch_one("select id, name from board where id = $1", site["board_id"])
    place = await fetch_one("select name from territory where id = $1", site["board_territory_id"])
    setter = await fetch_one("select name from account where id = $1", site["board_set_by"])
    boards = await fetch("select id, name from board order by name")
    choices = {"board_id": [(str(row["id"]), row["name"]) for row in boards]}
    shown = form or form_for(BoardChoice, initial={"board_id": str(site["board_id"] or "")}, choices=choices)
    return render(request, "pages/employers/board.html", status=status, employer=employer, site=site, board=board, form=shown,
                  place=place, setter=setter, allowed=may_work_for(actor, site["board_id"]) or bool(actor.board_ids))  # fmt: skip


@post("/establishments/{establishment_id:uuid}/board", guards=[needs(Permission.EDIT_EMPLOYERS)])
async def choose_board(
    request: AnyRequest, actor: NamedDependency[Actor], establishment_id: FromPath[UUID]
) -> Response[Any]:
    async with reading(actor):
        site = await load(actor, "establishment", establishment_id)
        boards = await fetch("select id, name from board order by name")
        choices = {"board_id": [(str(row["id"]), row["name"]) for row in boards]}
        form = await read_form(BoardChoice, request, choices=choices)
    if form.validate():
        await actions.choose_board(actor, establishment_id, form.struct())
        return redirect(request, f"/employers/{site['employer_id']}", say=_("The board is changed."))
    async with reading(actor):
        return await _board_page(request, actor, establishment_id, form, 422)


@post("/establishments/{establishment_id:uuid}/board/by-address", guards=[needs(Permission.EDIT_EMPLOYERS)])
async def board_by_address(
    request: AnyRequest, actor: NamedDependency[Actor], establishment_id: FromPath[UUID]
) -> Response[Any]:
    employer_id = await actions.follow_address(actor, establishment_id)
    return redirect(request, f"/employers/{employer_id}", say=_("The address decides the board again."))


HANDLERS = [
    start, list_page, new_page, create, duplicate_hints, show, later_panels, edit_page, change, archive, restore,
    establishment_page, save_site, new_establishment_page, add_site, board_page, choose_board, board_by_address, show_fein, keys_page,
]  # fmt: skip
