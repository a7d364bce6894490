"""Pages on which a board's own data and its partners are changed."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from crm.access import Actor, Permission, load, visible
from crm.actions import reading
from crm.boards import details, partners
from crm.boards.forms import BoardForm, PartnerForm
from crm.boards.reaching import require_management
from crm.database import fetch
from crm.errors import Conflict, Invalid
from crm.forms import BoundForm, form_for, read_form
from crm.sql import Sql
from crm.translation import _
from crm.web import AnyRequest, needs, redirect, render

EDITS = [needs(Permission.EDIT_BOARDS)]


async def managed_board(actor: Actor, board_id: UUID) -> dict[str, Any]:
    """The board, for those who may change it."""
    board = await load(actor, "board", board_id)
    require_management(actor, board_id)
    return board


def _filled(kind: type[msgspec.Struct], row: dict[str, Any]) -> BoundForm:
    return form_for(kind, initial={field.name: row[field.name] for field in msgspec.structs.fields(kind)})


async def _saved(form: BoundForm, action: Callable[[Any], Awaitable[Any]], newest: Callable[[], Awaitable[int]]) -> bool:
    """Whether the form was good and is saved. Otherwise it says what is wrong and keeps what was typed."""
    if not form.validate():
        return False
    try:
        await action(form.struct())
    except Invalid as problem:
        form.refuse(problem)
    except Conflict as problem:
        form.problems.append(str(problem))
        form["version"].data = await newest()  # so that saving again keeps what was typed
    else:
        return True
    return False


@get("/boards/new", guards=[needs(Permission.MANAGE_PLUGINS)])
async def new_board(request: AnyRequest) -> Response[str]:
    return render(request, "pages/boards/edit.html", board=None, form=form_for(BoardForm))


@post("/boards/new", guards=[needs(Permission.MANAGE_PLUGINS)])
async def add_board(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    form = await read_form(BoardForm, request)
    if form.validate():
        try:
            board_id = await details.add_board(actor, form.struct())
        except Invalid as problem:
            form.refuse(problem)
        else:
            return redirect(request, f"/boards/{board_id}", say=_("Saved. Say next which places it serves."))
    async with reading(actor):
        return render(request, "pages/boards/edit.html", status=422, board=None, form=form)


@get("/boards/{board_id:uuid}/edit", guards=EDITS)
async def edit_board(request: AnyRequest, actor: NamedDependency[Actor], board_id: FromPath[UUID]) -> Response[str]:
    board = await managed_board(actor, board_id)
    return render(request, "pages/boards/edit.html", board=board, form=_filled(BoardForm, board))


@post("/boards/{board_id:uuid}/edit", guards=EDITS)
async def save_board(request: AnyRequest, actor: NamedDependency[Actor], board_id: FromPath[UUID]) -> Response[Any]:
    async def newest() -> int:
        async with reading(actor):
            return int((await load(actor, "board", board_id))["version"])

    async with reading(actor):
        board = await managed_board(actor, board_id)
        form = await read_form(BoardForm, request)
    if await _saved(form, lambda data: details.change_board(actor, board_id, data), newest):
        return redirect(request, f"/boards/{board_id}", say=_("The board is saved."))
    return render(request, "pages/boards/edit.html", status=422, board=board, form=form)


@get("/boards/{board_id:uuid}/partners", guards=[needs(Permission.SEE_DIRECTORY)])
async def list_partners(request: AnyRequest, actor: NamedDependency[Actor], board_id: FromPath[UUID]) -> Response[str]:
    from crm.access import may, may_manage

    board = await load(actor, "board", board_id)
    rows = await fetch(
        Sql("select * from partner p where p.board_id = {} and {} order by p.archived_at is not null, p.kind, p.name limit 500",
            board_id, visible(actor, "partner", "p"))  # fmt: skip
    )
    return render(request, "pages/boards/partners.html", board=board, partners=rows,
                  manages=may(actor, Permission.EDIT_BOARDS) and may_manage(actor, board_id))  # fmt: skip


@get("/boards/{board_id:uuid}/partners/new", guards=EDITS)
async def new_partner(request: AnyRequest, actor: NamedDependency[Actor], board_id: FromPath[UUID]) -> Response[str]:
    board = await managed_board(actor, board_id)
    return render(request, "pages/boards/partner.html", board=board, partner=None, form=form_for(PartnerForm))


@post("/boards/{board_id:uuid}/partners/new", guards=EDITS)
async def add_partner(request: AnyRequest, actor: NamedDependency[Actor], board_id: FromPath[UUID]) -> Response[Any]:
    async def newest() -> int:
        return 0

    async with reading(actor):
        board = await managed_board(actor, board_id)
        form = await read_form(PartnerForm, request)
    if await _saved(form, lambda data: partners.add_partner(actor, board_id, data), newest):
        return redirect(request, f"/boards/{board_id}/partners", say=_("The partner is saved."))
    return render(request, "pages/boards/partner.html", status=422, board=board, partner=None, form=form)


@get("/partners/{partner_id:uuid}/edit", guards=EDITS)
async def edit_partner(request: AnyRequest, actor: NamedDependency[Actor], partner_id: FromPath[UUID]) -> Response[str]:
    partner = await load(actor, "partner", partner_id)
    board = await managed_board(actor, partner["board_id"])
    return render(request, "pages/boards/partner.html", board=board, partner=partner, form=_filled(PartnerForm, partner))


@post("/partners/{partner_id:uuid}/edit", guards=EDITS)
async def save_partner(request: AnyRequest, actor: NamedDependency[Actor], partner_id: FromPath[UUID]) -> Response[Any]:
    async def newest() -> int:
        async with reading(actor):
            return int((await load(actor, "partner", partner_id))["version"])

    async with reading(actor):
        partner = await load(actor, "partner", partner_id)
        board = await managed_board(actor, partner["board_id"])
        form = await read_form(PartnerForm, request)
    if await _saved(form, lambda data: partners.change_partner(actor, partner_id, data), newest):
        return redirect(request, f"/boards/{board['id']}/partners", say=_("The partner is saved."))
    return render(request, "pages/boards/partner.html", status=422, board=board, partner=partner, form=form)


@post("/partners/{partner_id:uuid}/close", guards=EDITS)
async def close_partner(request: AnyRequest, actor: NamedDependency[Actor], partner_id: FromPath[UUID]) -> Response[Any]:
    board_id = await partners.close_partner(actor, partner_id)
    return redirect(request, f"/boards/{board_id}/partners", say=_("Closed. It is off the lists; nothing was deleted."),
                    undo=f"/partners/{partner_id}/reopen")  # fmt: skip


@post("/partners/{partner_id:uuid}/reopen", guards=EDITS)
async def reopen_partner(request: AnyRequest, actor: NamedDependency[Actor], partner_id: FromPath[UUID]) -> Response[Any]:
    board_id = await partners.close_partner(actor, partner_id, reopen=True)
    return redirect(request, f"/boards/{board_id}/partners", say=_("Back on the lists."))


HANDLERS = [
    new_board, add_board, edit_board, save_board, list_partners, new_partner, add_partner, edit_partner, save_partner, close_partner,
    reopen_partner,
]  # fmt: skip
