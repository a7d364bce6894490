"""Many employers changed from their list: what would become of each, then the change, and the way back."""

from typing import Any
from uuid import UUID

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from crm.access import Actor, Permission
from crm.actions import reading
from crm.bulk import MOST, asked, changed_said, undone_said
from crm.employers import bulk
from crm.employers.forms import BulkEmployerForm
from crm.employers.listing import EMPLOYERS
from crm.employers.searching import list_employers
from crm.web import AnyRequest, needs, redirect, render

EDITS = [needs(Permission.EDIT_EMPLOYERS)]
QUERY, ALL = "filters", "all"  # what the list was asked, and whether all that it shows are meant


@post("/employers/change", guards=EDITS)
async def change_many(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    """First what would become of each; with `confirmed`, it is done."""
    typed = await request.form()
    async with reading(actor):
        fields = await bulk.offered(actor)
    wanted = asked(typed, bulk.form_with(fields), apart=(QUERY, ALL))
    form: BulkEmployerForm = wanted.form.struct()
    query = str(typed.get(QUERY, ""))[:4000]
    back = EMPLOYERS.address(EMPLOYERS.read(query))
    if wanted.confirmed:
        change_id, count = await bulk.change(actor, wanted.chosen, form)
        return redirect(request, back, say=changed_said(count), undo=f"/employers/changes/{change_id}/undo")
    async with reading(actor):
        chosen = await _shown(actor, query) if typed.get(ALL) == "true" else wanted.chosen
        outcomes = await bulk.preview(actor, chosen, form)
        field, value = bulk.wanted(form, fields)
        return render(request, "pages/employers/change.html", outcomes=outcomes, wanted=form, said=bulk.said(field, value, fields), query=query, back=back,
                      added={each.name: each.label for each in fields})  # fmt: skip


async def _shown(actor: Actor, query: str) -> list[UUID]:
    """All that the list shows, where they are not too many."""
    found = await list_employers(actor, EMPLOYERS.asked(query), page=MOST + 1, counted=False)
    return [row["id"] for row in found.rows]


@post("/employers/changes/{employer_change_id:uuid}/undo", guards=EDITS)
async def undo_many(request: AnyRequest, actor: NamedDependency[Actor], employer_change_id: FromPath[UUID]) -> Response[Any]:
    undone, stayed = await bulk.undo(actor, employer_change_id)
    return redirect(request, "/employers", say=undone_said(undone, stayed))


HANDLERS = [change_many, undo_many]
