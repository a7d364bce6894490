"""A hire in the employer's portal, and what the employer answers of it."""

from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from crm.access import Actor, Permission, may
from crm.actions import reading
from crm.incentives import changing, told
from crm.incentives.asking import PREFIX, given
from crm.incentives.claims.case_listing import amount_of, program_name
from crm.incentives.outside import in_portal
from crm.incentives.wording import text
from crm.states import state_name
from crm.web import AnyRequest, needs, render, today


@get("/portal/hires/{hire_id:uuid}", guards=[needs(Permission.USE_PORTAL)])
async def show_hire(request: AnyRequest, actor: NamedDependency[Actor], hire_id: FromPath[UUID]) -> Response[str]:
    return await _page(request, actor, hire_id)


async def _page(
    request: AnyRequest, actor: Actor, hire_id: UUID, *, later: list[str] | None = None, typed: dict[str, str] | None = None, problems: dict[str, str] | None = None
) -> Response[str]:
    seen = await in_portal.shown(actor, hire_id, today(request))
    asked, put_off = changing.next_questions(seen.found, "", later or [], problems or {})
    own = {each.fact.key: told.as_text(each.value) for each in seen.known if each.source == in_portal.SOURCE}
    return render(
        request, "portal/hire.html", block="screening", status=422 if problems else 200, seen=seen, hire=seen.hire, found=seen.found, asked=asked, put_off=put_off,
        own=own, given=own | (typed or {}), problems=problems or {}, answers=may(actor, Permission.EDIT_IN_PORTAL), prefix=PREFIX, text=text, sealed=lambda fact: False,
        today=today(request), place=state_name(told.place_of(seen.hire)), name=program_name, amount=amount_of,
    )  # fmt: skip


@post("/portal/hires/{hire_id:uuid}", guards=[needs(Permission.EDIT_IN_PORTAL)], status_code=200)
async def keep_answers(request: AnyRequest, actor: NamedDependency[Actor], hire_id: FromPath[UUID]) -> Response[str]:
    """What was left open is asked later; each answer is kept as it comes."""
    answers, other = await given(request)
    problems = await in_portal.answer(actor, hire_id, answers)
    put_off = changing.kept_for_later(other.get("later", ""), other.get("asked", ""), answers)
    async with reading(actor):
        return await _page(request, actor, hire_id, later=put_off, typed=answers, problems=problems)


HANDLERS = [show_hire, keep_answers]
