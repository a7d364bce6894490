"""Pages of one's own API tokens."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from crm.access import Actor, Permission, visible
from crm.accounts import tokens
from crm.accounts.forms import TokenForm
from crm.accounts.stepping_up import asking_first, fresh
from crm.actions import reading
from crm.database import fetch
from crm.errors import Invalid
from crm.forms import BoundForm, form_for, read_form
from crm.sql import Sql
from crm.translation import _
from crm.web import AnyRequest, needs, program_of, redirect, render

USUAL = timedelta(days=90)
MAY = needs(Permission.SEE_DIRECTORY)


def _today(request: AnyRequest) -> date:
    return datetime.now(ZoneInfo(program_of(request).settings.time_zone)).date()


async def _choices(actor: Actor) -> dict[str, list[tuple[str, str]]]:
    mine = Sql("b.id = any({})", sorted(actor.board_ids, key=str)) if actor.board_ids else visible(actor, "board", "b")
    boards = await fetch(Sql("select b.id, b.name from board b where {} order by b.name", mine))
    return {"board_id": [(str(board["id"]), board["name"]) for board in boards]}


@get("/account/tokens", guards=[MAY])
async def show_tokens(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    initial = {"rights": "read", "expires_on": _today(request) + USUAL}
    form = form_for(TokenForm, initial=initial, choices=await _choices(actor))
    return asking_first(request) or await _page(request, actor, form)


async def _page(request: AnyRequest, actor: Actor, form: BoundForm, status: int = 200) -> Response[Any]:
    return render(request, "pages/accounts/tokens.html", status=status, form=form, tokens=await tokens.own_tokens(actor))


@post("/account/tokens", guards=[MAY, fresh])
async def make_token(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    async with reading(actor):
        form = await read_form(TokenForm, request, choices=await _choices(actor))
    if form.validate():
        zone = program_of(request).settings.time_zone
        try:
            token = await tokens.make_token(actor, form.struct(), zone=zone, today=_today(request))
            return render(request, "pages/accounts/token.html", token=token, name=form.struct().name,
                          url=program_of(request).settings.url)  # fmt: skip
        except Invalid as problem:
            form.refuse(problem)
    async with reading(actor):
        return await _page(request, actor, form, 422)


@post("/account/tokens/{token_id:uuid}/revoke", guards=[MAY, fresh])
async def revoke_token(request: AnyRequest, actor: NamedDependency[Actor], token_id: FromPath[UUID]) -> Response[Any]:
    await tokens.revoke_token(actor, token_id)
    return redirect(request, "/account/tokens", say=_("The token is taken back. Its next request is refused."))


HANDLERS = [show_tokens, make_token, revoke_token]
