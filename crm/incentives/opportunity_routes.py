"""What a pledged slot may bring, asked and answered in a form that keeps nothing; and the hire, once someone is found for it."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from crm.access import Actor, Permission
from crm.actions import reading
from crm.errors import Invalid
from crm.forms import BoundForm, form_for, read_form
from crm.incentives import changing, hires, opportunities
from crm.incentives.asking import PREFIX, given
from crm.incentives.forms import SlotHireForm
from crm.incentives.quick import Quick
from crm.incentives.secrecy import is_secret
from crm.incentives.wording import text
from crm.states import state_name
from crm.translation import _
from crm.web import AnyRequest, needs, redirect, render, today

WORKS = [needs(Permission.ESTIMATE)]


@get("/pledges/{pledge_id:uuid}/incentives", guards=WORKS)
async def show_slot(request: AnyRequest, actor: NamedDependency[Actor], pledge_id: FromPath[UUID]) -> Response[str]:
    slot = await opportunities.one(actor, pledge_id)
    return _page(request, slot, opportunities.work_out(slot, {}, [], today(request)), form_for(SlotHireForm))


def _page(request: AnyRequest, slot: opportunities.Opportunity, worked: Quick, form: BoundForm, status: int = 200) -> Response[str]:
    return render(
        request, "pages/incentives/opportunity.html", block="slot", status=422 if worked.problems else status, pledge=slot.pledge, place=state_name(slot.state),
        worked=worked, found=worked.found, given=worked.given, problems=worked.problems, prefix=PREFIX, text=text, sealed=is_secret, today=today(request),
        form=form,
    )  # fmt: skip


@post("/pledges/{pledge_id:uuid}/incentives", guards=WORKS, status_code=200)
async def work_out_slot(request: AnyRequest, actor: NamedDependency[Actor], pledge_id: FromPath[UUID]) -> Response[str]:
    """Changes nothing: the answers go out in the page again."""
    answers, other = await given(request)
    put_off = changing.kept_for_later(other.get("later", ""), other.get("asked", ""), answers)
    async with reading(actor):
        slot = await opportunities.one(actor, pledge_id)
        return _page(request, slot, opportunities.work_out(slot, answers, put_off, today(request)), form_for(SlotHireForm))


@post("/pledges/{pledge_id:uuid}/hires", guards=WORKS)
async def hire_for_slot(request: AnyRequest, actor: NamedDependency[Actor], pledge_id: FromPath[UUID]) -> Response[Any]:
    """The hire, with what was answered of the slot."""
    answers, _other = await given(request)
    async with reading(actor):
        slot = await opportunities.one(actor, pledge_id)
    worked = opportunities.work_out(slot, answers, [], today(request))
    form = await read_form(SlotHireForm, request, beside=[PREFIX + key for key in answers])
    if form.validate() and not worked.problems:
        try:
            hire_id = await hires.add(actor, slot.pledge["employer_id"], opportunities.hire_of(slot, form.struct()), worked.given)
            return redirect(request, f"/hires/{hire_id}", say=_("The hire is recorded."), undo=f"/hires/{hire_id}/put-away")
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        return _page(request, slot, worked, form, 422)


HANDLERS = [show_slot, work_out_slot, hire_for_slot]
