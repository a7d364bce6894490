"""An estimate for anyone, without an account. Answers come in the body of a form and go out in the page: nothing is stored, logged or put in an address."""

from typing import Any

from litestar import Response, get, post

from crm.incentives import changing, quick
from crm.incentives.asking import PREFIX, given
from crm.incentives.earlier_claims import asked
from crm.incentives.secrecy import is_secret
from crm.incentives.wording import text
from crm.states import state_codes, state_name
from crm.translation import LANGUAGES, language, speaking
from crm.web import AnyRequest, keep_language, program_of, render, today

PUBLIC = {"public": True}


@get("/incentives", opt=PUBLIC)
async def show_quick(request: AnyRequest) -> Response[str]:
    return _page(request, quick.work_out(program_of(request).settings.state, {}, [], today(request)), asked.read({}))


def _page(request: AnyRequest, worked: quick.Quick, claims: asked.Told) -> Response[str]:
    states = sorted(((code, state_name(code)) for code in state_codes()), key=lambda each: each[1])
    return render(
        request, "pages/incentives/quick.html", block="quick", status=422 if worked.problems or claims.problems else 200, worked=worked, found=worked.found, given=worked.given,
        before=asked.questions(worked.found.programs, claims), told_before=claims.typed,
        problems=worked.problems, states=states, place=state_name(worked.state), prefix=PREFIX, text=text, sealed=is_secret, today=today(request),
    )  # fmt: skip


@post("/incentives", opt=PUBLIC, status_code=200)
async def work_out_quick(request: AnyRequest) -> Response[Any]:
    """Also where the page is asked for in the other language, which keeps the answers."""
    answers, other = await given(request)
    put_off = changing.kept_for_later(other.get("later", ""), other.get("asked", ""), answers)
    chosen, claims = other.get("language", ""), asked.read(other)
    with speaking(chosen if chosen in LANGUAGES else language()):
        page = _page(request, quick.work_out(other.get("state", ""), answers, put_off, today(request), before=claims.earlier), claims)
    if chosen in LANGUAGES:
        keep_language(request, page, chosen)
    return page


HANDLERS = [show_quick, work_out_quick]
