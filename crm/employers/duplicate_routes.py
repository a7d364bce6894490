"""Pages of duplicates: the queue, two side by side, what was merged and how to undo it."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from crm import joining
from crm.access import Actor, Permission, load, visible
from crm.actions import reading
from crm.database import fetch
from crm.employers import merging, sweeping
from crm.employers.forms import PolicyForm
from crm.employers.matching import policy
from crm.employers.matching.candidates import facts_of_all
from crm.employers.matching.scoring import likeness
from crm.errors import NotFound
from crm.fields import beside
from crm.forms import form_for, read_form
from crm.sql import Sql
from crm.translation import _
from crm.web import AnyRequest, needs, redirect, render

EDITS = [needs(Permission.EDIT_EMPLOYERS)]


@get("/duplicates", guards=EDITS)
async def list_duplicates(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    pairs = await fetch(
        Sql("select d.id, d.left_id, d.right_id, l.name as left_name, l.city as left_city, r.name as right_name, r.city as right_city from duplicate_pair d "
            "join employer l on l.id = d.left_id and l.archived_at is null and {} join employer r on r.id = d.right_id and r.archived_at is null and {} "
            "where d.state = 'open' and {} order by d.score desc, d.id limit 100",
            visible(actor, "employer", "l"), visible(actor, "employer", "r"), visible(actor, "duplicate_pair", "d"))  # fmt: skip
    )
    facts = await facts_of_all({employer for pair in pairs for employer in (pair["left_id"], pair["right_id"])})
    merges = await fetch(
        Sql("select m.*, k.name as kept_name, g.name as gone_name, a.name as by from employer_merge m join employer k on k.id = m.kept_id and {} "
            "join employer g on g.id = m.gone_id and {} left join account a on a.id = m.made_by where {} order by m.made_at desc limit 20",
            visible(actor, "employer", "k"), visible(actor, "employer", "g"), visible(actor, "employer_merge", "m"))  # fmt: skip
    )
    return render(request, "pages/employers/duplicates.html", pairs=[(pair, likeness(facts[pair["left_id"]], facts[pair["right_id"]])) for pair in pairs], merges=merges)


@post("/duplicates/sweep", guards=EDITS)
async def sweep(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    return redirect(request, await sweeping.ask_for_one(actor))


@get("/duplicates/{pair_id:uuid}", guards=EDITS)
async def show_pair(request: AnyRequest, actor: NamedDependency[Actor], pair_id: FromPath[UUID]) -> Response[str]:
    pair = await load(actor, "duplicate_pair", pair_id)
    left, right = await merging.both(actor, pair["left_id"], pair["right_id"])
    facts = await facts_of_all([pair["left_id"], pair["right_id"]])
    return render(request, "pages/employers/pair.html", pair=pair, alike=likeness(facts[pair["left_id"]], facts[pair["right_id"]]), left=left, right=right, fields=merging.labels(),
                  added=await beside.of_two(actor, "employer", pair["left_id"], pair["right_id"]))  # fmt: skip


@post("/duplicates/{pair_id:uuid}/merge", guards=EDITS)
async def merge_pair(request: AnyRequest, actor: NamedDependency[Actor], pair_id: FromPath[UUID]) -> Response[Any]:
    """`keep` says which row stays; for each field, which of the two has the right value."""
    typed = await request.form()
    async with reading(actor):
        pair = await load(actor, "duplicate_pair", pair_id)
        added = [each.field.name for each in await beside.of_two(actor, "employer", pair["left_id"], pair["right_id"])]
    if pair["state"] != "open":
        raise NotFound(_("This was decided already."))
    keep, take = joining.asked(typed, [*merging.CHOICES, *added])
    other = "right" if keep == "left" else "left"
    merge_id = await merging.merge(actor, pair[f"{keep}_id"], pair[f"{other}_id"], take)
    return redirect(request, f"/employers/{pair[f'{keep}_id']}", say=_("They are one now."), undo=f"/merges/{merge_id}/undo")


@post("/duplicates/{pair_id:uuid}/apart", guards=EDITS)
async def keep_apart(request: AnyRequest, actor: NamedDependency[Actor], pair_id: FromPath[UUID]) -> Response[Any]:
    await merging.say_apart(actor, pair_id)
    return redirect(request, "/duplicates", say=_("They stay two; no one is asked again."))


@post("/merges/{merge_id:uuid}/undo", guards=EDITS)
async def undo(request: AnyRequest, actor: NamedDependency[Actor], merge_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        made = await load(actor, "employer_merge", merge_id)
    undone = await merging.undo(actor, merge_id)
    return redirect(request, f"/employers/{made['gone_id']}", say=joining.told(undone, merging.labels()))


@get("/duplicates/policy", guards=[needs(Permission.SEE_SETTINGS)])
async def policy_page(request: AnyRequest) -> Response[str]:
    return render(request, "pages/employers/policy.html", form=form_for(PolicyForm, initial=dict(await policy.policies())))


@post("/duplicates/policy", guards=[needs(Permission.MANAGE_PLUGINS)])
async def set_policy(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    form = await read_form(PolicyForm, request)
    if not form.validate():
        return render(request, "pages/employers/policy.html", status=422, form=form)
    await policy.set_policies(actor, msgspec.structs.asdict(form.struct()))
    return redirect(request, "/duplicates/policy", say=_("Saved. It holds from now on."))


HANDLERS = [list_duplicates, sweep, policy_page, set_policy, show_pair, merge_pair, keep_apart, undo]
