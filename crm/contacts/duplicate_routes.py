"""Pages of people who are in the directory twice: the list, two side by side, what was joined and how to undo it."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from crm import joining
from crm.access import Actor, Permission, load, visible
from crm.actions import reading
from crm.contacts import alike, merging, person_routes
from crm.database import fetch
from crm.fields import beside
from crm.sql import Sql
from crm.translation import _
from crm.web import AnyRequest, needs, redirect, render

EDITS = [needs(Permission.EDIT_EMPLOYERS)]


@get("/duplicates/people", guards=EDITS)
async def list_people(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    merges = await fetch(
        Sql("select m.*, trim(k.given_name || ' ' || k.family_name) as kept_name, trim(g.given_name || ' ' || g.family_name) as gone_name, a.name as by "
            "from contact_merge m join contact k on k.id = m.kept_id and {} join contact g on g.id = m.gone_id and {} "
            "left join account a on a.id = m.made_by where {} order by m.made_at desc limit 20",
            visible(actor, "contact", "k"), visible(actor, "contact", "g"), visible(actor, "contact_merge", "m"))  # fmt: skip
    )
    return render(request, "pages/contacts/duplicates.html", pairs=await alike.waiting(actor), merges=merges, why=alike.why)


@get("/contacts/{person_id:uuid}/join/{other_id:uuid}", guards=EDITS)
async def compare(request: AnyRequest, actor: NamedDependency[Actor], person_id: FromPath[UUID], other_id: FromPath[UUID]) -> Response[str]:
    """Any two, whether they look alike or not."""
    left, right = await merging.compared(actor, person_id), await merging.compared(actor, other_id)
    places = [await person_routes.roles_of(actor, each["id"]) for each in (left, right)]
    return render(request, "pages/contacts/pair.html", left=left, right=right, places=places, fields=merging.labels(),
                  added=await beside.of_two(actor, "contact", person_id, other_id))  # fmt: skip


@post("/contacts/{person_id:uuid}/join/{other_id:uuid}", guards=EDITS)
async def join(request: AnyRequest, actor: NamedDependency[Actor], person_id: FromPath[UUID], other_id: FromPath[UUID]) -> Response[Any]:
    """`keep` says which row stays; for each field, which of the two has the right value."""
    typed = await request.form()
    async with reading(actor):
        added = [each.field.name for each in await beside.of_two(actor, "contact", person_id, other_id)]
    keep, take = joining.asked(typed, [*merging.CHOICES, *added])
    kept_id, gone_id = (person_id, other_id) if keep == "left" else (other_id, person_id)
    merge_id = await merging.merge(actor, kept_id, gone_id, take)
    return redirect(request, f"/contacts/{kept_id}", say=_("They are one now."), undo=f"/people-merges/{merge_id}/undo")


@post("/contacts/{person_id:uuid}/apart/{other_id:uuid}", guards=EDITS)
async def keep_apart(request: AnyRequest, actor: NamedDependency[Actor], person_id: FromPath[UUID], other_id: FromPath[UUID]) -> Response[Any]:
    await merging.say_apart(actor, person_id, other_id)
    return redirect(request, "/duplicates/people", say=_("They stay two; no one is asked again."))


@post("/people-merges/{people_merge_id:uuid}/undo", guards=EDITS)
async def undo(request: AnyRequest, actor: NamedDependency[Actor], people_merge_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        made = await load(actor, "contact_merge", people_merge_id)
    undone = await merging.undo(actor, people_merge_id)
    return redirect(request, f"/contacts/{made['gone_id']}", say=joining.told(undone, merging.labels()))


HANDLERS = [list_people, compare, join, keep_apart, undo]
