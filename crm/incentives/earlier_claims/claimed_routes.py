"""The page of what an employer claimed before: what uses up limits, what is left, and what was told of claims elsewhere."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from crm.access import Actor, Permission, load, may, may_work_for
from crm.actions import reading
from crm.errors import Invalid
from crm.forms import BoundForm, form_for, read_form
from crm.incentives.earlier_claims import claimed_elsewhere, earlier, limit_wording
from crm.incentives.forms import ClaimedForm
from crm.incentives.hire_routes import READS, WORKS
from crm.incentives.wording import text
from crm.translation import _
from crm.web import AnyRequest, redirect, render, today


@get("/employers/{employer_id:uuid}/claims", guards=READS)
async def show_claims(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[str]:
    employer = await load(actor, "employer", employer_id)
    form = form_for(ClaimedForm, choices={"program": _choices(employer)}, initial={"year": today(request).year})
    return await _page(request, actor, employer, form)


def _choices(employer: Any) -> list[tuple[str, str]]:
    return sorted(((program.id, text(program.name)) for program in claimed_elsewhere.limited(employer["state"] or "")), key=lambda each: each[1])


async def _page(request: AnyRequest, actor: Actor, employer: Any, form: BoundForm, status: int = 200) -> Response[str]:
    board = claimed_elsewhere.keeper(actor, employer)
    return render(
        request, "pages/incentives/claims.html", status=status, employer=employer, form=form, text=text, choices=_choices(employer), left_said=limit_wording.left_said,
        before=await earlier.of_employer(actor, employer["id"], board) if board else [], works=bool(board and may(actor, Permission.ESTIMATE) and may_work_for(actor, board)),
    )  # fmt: skip


@post("/employers/{employer_id:uuid}/claims", guards=WORKS)
async def tell_claim(request: AnyRequest, actor: NamedDependency[Actor], employer_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        employer = await load(actor, "employer", employer_id)
        form = await read_form(ClaimedForm, request, choices={"program": _choices(employer)})
    if form.validate():
        try:
            told_id = await claimed_elsewhere.add(actor, employer_id, form.struct(), today(request))
            return redirect(request, f"/employers/{employer_id}/claims", say=_("It counts in estimates from now on."), undo=f"/claimed-elsewhere/{told_id}/remove")
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        return await _page(request, actor, employer, form, 422)


@post("/claimed-elsewhere/{claimed_elsewhere_id:uuid}/remove", guards=WORKS)
async def take_out_claim(request: AnyRequest, actor: NamedDependency[Actor], claimed_elsewhere_id: FromPath[UUID]) -> Response[Any]:
    employer_id = await claimed_elsewhere.take_out(actor, claimed_elsewhere_id)
    return redirect(request, f"/employers/{employer_id}/claims", say=_("It is taken out and counts no more."), undo=f"/claimed-elsewhere/{claimed_elsewhere_id}/restore")


@post("/claimed-elsewhere/{claimed_elsewhere_id:uuid}/restore", guards=WORKS)
async def put_back_claim(request: AnyRequest, actor: NamedDependency[Actor], claimed_elsewhere_id: FromPath[UUID]) -> Response[Any]:
    employer_id = await claimed_elsewhere.take_out(actor, claimed_elsewhere_id, restore=True)
    return redirect(request, f"/employers/{employer_id}/claims", say=_("It counts again."), undo=f"/claimed-elsewhere/{claimed_elsewhere_id}/remove")


HANDLERS = [show_claims, tell_claim, take_out_claim, put_back_claim]
