"""What an employer's people see: their own employer, its sites and people, and who sees what they enter."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from crm import merging
from crm.access import Actor, Permission, load, visible
from crm.actions import reading
from crm.contacts.present import works
from crm.database import fetch
from crm.errors import Conflict, Invalid
from crm.fields.own import in_portal
from crm.fields.showing import of_own
from crm.forms import form_for, read_form
from crm.incentives.outside.in_portal import of_visitor as hires_of
from crm.merging import EditConflict
from crm.pledges.listing import of_visitor
from crm.portal import actions
from crm.portal.forms import OwnEmployerForm
from crm.sql import Sql
from crm.translation import _, language
from crm.web import AnyRequest, needs, redirect, render


@get("/portal", guards=[needs(Permission.USE_PORTAL)])
async def home(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    employers = await fetch(
        Sql("select e.id, e.name, e.city, e.phone, e.website, e.employee_count, e.naics from employer e where {} "
            "order by e.name limit 20", visible(actor, "employer", "e"))  # fmt: skip
    )
    sites = await fetch(
        Sql("select s.* from establishment s where s.archived_at is null and {} order by s.is_primary desc, s.city limit 100",
            visible(actor, "establishment", "s"))  # fmt: skip
    )
    people = await fetch(
        Sql("select f.employer_id, f.role, f.may_sign, c.given_name, c.family_name, c.email, c.phone from affiliation f "
            "join contact c on c.id = f.contact_id where {} and {} "
            "order by c.family_name limit 100", works("f"), visible(actor, "affiliation", "f"))  # fmt: skip
    )
    return render(request, "portal/home.html", employers=employers, sites=sites, people=people, pledges=await of_visitor(actor), hires=await hires_of(actor), added=await of_own(actor, [each["id"] for each in employers]), drive_name=f"name_{language()}")


SHOWN = ("name", "employee_count", "website", "domain", "phone")


@get("/portal/employers/{employer_id:uuid}", guards=[needs(Permission.EDIT_IN_PORTAL)])
async def edit_page(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[str]:
    employer = await load(actor, "employer", employer_id)
    own = await in_portal(actor, employer_id)
    shown = {name: employer[name] for name in SHOWN} | own.shown
    initial = shown | own.initial | {"version": employer["version"], "base": merging.shown(shown)}
    form = form_for(own.form(OwnEmployerForm), initial={name: value for name, value in initial.items() if name != "domain"}, choices=own.choices)
    return render(request, "portal/employer.html", employer=employer, form=form, own=own, conflict=None)


@post("/portal/employers/{employer_id:uuid}", guards=[needs(Permission.EDIT_IN_PORTAL)])
async def change(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        await load(actor, "employer", employer_id)
        own = await in_portal(actor, employer_id)
    form = await read_form(own.form(OwnEmployerForm), request, choices=own.choices)
    conflict = None
    if form.validate():
        try:
            kept = await actions.change_own_employer(actor, employer_id, form.struct())
            return redirect(request, "/portal", say=form.saved(kept, _("Saved. Your board sees it too.")))
        except Invalid as problem:
            form.refuse(problem)
        except EditConflict as problem:
            conflict = problem
        except Conflict as problem:
            form.problems.append(str(problem))
    async with reading(actor):
        employer, own = await load(actor, "employer", employer_id), await in_portal(actor, employer_id)
    if conflict:
        form["base"].data = merging.shown_again(form["base"].data, {name: employer[name] for name in SHOWN} | own.shown, conflict)
    return render(request, "portal/employer.html", status=409 if conflict else 422, employer=employer, form=form, own=own, conflict=conflict)


HANDLERS = [home, edit_page, change]
