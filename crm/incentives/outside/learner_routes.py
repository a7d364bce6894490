"""The page of the person who was hired, by a link of their own and without an account; and how staff give and take back that link."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from crm.access import Actor
from crm.actions import reading
from crm.database import Record, transaction
from crm.errors import Invalid
from crm.forms import read_form
from crm.incentives import changing
from crm.incentives.asking import PREFIX, given
from crm.incentives.forms import AskForm
from crm.incentives.hire_routes import WORKS, page_of
from crm.incentives.outside import learner, links
from crm.incentives.wording import text
from crm.translation import _, speaking
from crm.web import AnyRequest, is_htmx, program_of, redirect, render, today

PUBLIC = {"public": True}


@get("/my-answers/{token:str}", opt=PUBLIC)
async def show_questions(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    hire, link = await links.opened(token, today(request), links.ANSWERS)
    return await _page(request, token, hire, link)


async def _page(
    request: AnyRequest, token: str, hire: Record, link: Record, *, left_open: list[str] | None = None, typed: dict[str, str] | None = None,
    problems: dict[str, str] | None = None, saved: bool = False,
) -> Response[str]:  # fmt: skip
    with speaking(links.language_of(link, request.cookies)):
        asked = await learner.questions(hire, left_open or [], problems or {}, today(request))
        page = render(
            request, "pages/incentives/my_answers.html", block="asking", status=422 if problems else 200, hire=hire, link=link, token=token, asked=asked,
            given=typed or {}, problems=problems or {}, saved=saved, started=is_htmx(request) or left_open is not None, prefix=PREFIX, text=text, sealed=lambda fact: False,
        )  # fmt: skip
    page.headers["x-robots-tag"] = "noindex, nofollow"
    return page


@post("/my-answers/{token:str}", opt=PUBLIC, status_code=200)
async def keep_answers(request: AnyRequest, token: FromPath[str]) -> Response[str]:
    """Each answer is kept as it comes; what was left open stays open."""
    day = today(request)
    answers, other = await given(request)
    async with transaction(read_only=True):
        _hire, link = await links.opened(token, day, links.ANSWERS)
    with speaking(links.language_of(link, request.cookies)):
        problems = await learner.answer(token, answers, day)
    async with transaction(read_only=True):
        hire, link = await links.opened(token, day, links.ANSWERS)
        left_open = changing.kept_for_later(other.get("later", ""), other.get("asked", ""), answers)
        return await _page(request, token, hire, link, left_open=left_open, typed=answers, problems=problems, saved=len(problems) < sum(map(bool, answers.values())))


@post("/my-answers/{token:str}/withdraw", opt=PUBLIC)
async def withdraw_answers(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    _answers, other = await given(request)
    await learner.withdraw(token, other.get("key", ""), today(request))
    return redirect(request, f"/my-answers/{token}#answered", say=_("It is erased."))


# ── staff ──


@post("/hires/{hire_id:uuid}/learner-links", guards=WORKS, status_code=200)
async def ask_the_person(request: AnyRequest, actor: NamedDependency[Actor], hire_id: FromPath[UUID]) -> Response[Any]:
    """The page once, with the link in it: it is kept as a hash alone."""
    form = await read_form(AskForm, request)
    if form.validate():
        try:
            asked = form.struct()
            secret = await learner.ask(actor, hire_id, asked, today(request))
            async with reading(actor):
                return await page_of(request, actor, hire_id, link=f"{program_of(request).settings.url}/my-answers/{secret}", mailed=asked.email)
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        return await page_of(request, actor, hire_id, ask_form=form, status=422)


@post("/learner-links/{learner_link_id:uuid}/revoke", guards=WORKS)
async def revoke_link(request: AnyRequest, actor: NamedDependency[Actor], learner_link_id: FromPath[UUID]) -> Response[Any]:
    hire_id = await links.revoke(actor, learner_link_id, links.ANSWERS)
    return redirect(request, f"/hires/{hire_id}", say=_("The link is taken back. It opens nothing any more."))


HANDLERS = [show_questions, keep_answers, withdraw_answers, ask_the_person, revoke_link]
