"""Pages of views: all of them, one of them, and what is done with them."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from crm.access import Actor, Permission, load
from crm.actions import reading
from crm.database import fetch, fetch_value
from crm.errors import Invalid
from crm.forms import BoundForm, form_for, read_form
from crm.listings import listing_of
from crm.translation import _
from crm.views import actions
from crm.views.forms import FiltersForm, NewViewForm, ViewForm
from crm.views.showing import address_of, choices, every_board, seen
from crm.web import AnyRequest, needs, redirect, render

SEES = [needs(Permission.SEE_DIRECTORY)]


@get("/views", guards=SEES)
async def list_views(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[str]:
    rows = await seen(actor)
    away = await fetch("select * from saved_view where account_id = $1 and archived_at is not null order by archived_at desc limit 50", actor.account_id)
    names = await every_board()
    return render(
        request, "pages/views/list.html", start=await fetch_value("select start_view_id from account where id = $1", actor.account_id),
        views=[{"view": row, "url": address_of(row), "title": listing_of(row["list"]).title, "boards": [names[each] for each in row["board_ids"]]}
               for row in rows],
        away=away,
    )  # fmt: skip


@post("/views", guards=SEES)
async def keep_view(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    """What the list was asked, under a name: from the list's own page, or again from here where something is to be mended."""
    async with reading(actor):
        form = await read_form(NewViewForm, request, choices=choices(actor, await every_board()))
    if form.validate():
        try:
            view_id = await actions.keep(actor, form.struct())
            async with reading(actor):
                url = address_of(await load(actor, "saved_view", view_id))
            return redirect(request, url, say=_("Saved. It is a tab of this list now."), undo=f"/views/{view_id}/put-away")
        except Invalid as problem:
            form.refuse(problem)
    return render(request, "pages/views/edit.html", status=422, form=form, view=None)


@get("/views/{view_id:uuid}", guards=SEES)
async def open_view(request: AnyRequest, actor: NamedDependency[Actor], view_id: FromPath[UUID]) -> Response[Any]:
    """The list as the view asks it now: a link that stays when its filters change."""
    return redirect(request, address_of(await load(actor, "saved_view", view_id)))


@get("/views/{view_id:uuid}/edit", guards=SEES)
async def edit_view(request: AnyRequest, actor: NamedDependency[Actor], view_id: FromPath[UUID]) -> Response[str]:
    return await _page(request, actor, view_id)


async def _page(request: AnyRequest, actor: Actor, view_id: UUID, form: BoundForm | None = None) -> Response[str]:
    view = await load(actor, "saved_view", view_id)
    others = [board for board in view["board_ids"] if board != actor.home_board]
    initial = {"name": view["name"], "with_colleagues": actor.home_board in view["board_ids"], "board_id": str(others[0]) if others else ""}
    shown = form or form_for(ViewForm, initial=initial, choices=choices(actor, await every_board()))
    return render(request, "pages/views/edit.html", status=422 if form else 200, view=view, form=shown, url=address_of(view),
                  mine=view["account_id"] == actor.account_id)  # fmt: skip


@post("/views/{view_id:uuid}/edit", guards=SEES)
async def change_view(request: AnyRequest, actor: NamedDependency[Actor], view_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        form = await read_form(ViewForm, request, choices=choices(actor, await every_board()))
        if not form.validate():
            return await _page(request, actor, view_id, form)
    await actions.change(actor, view_id, form.struct())
    return redirect(request, "/views", say=_("Saved."))


@post("/views/{view_id:uuid}/filters", guards=SEES)
async def ask_anew(request: AnyRequest, actor: NamedDependency[Actor], view_id: FromPath[UUID]) -> Response[Any]:
    async with reading(actor):
        await load(actor, "saved_view", view_id)
    form = await read_form(FiltersForm, request)
    if not form.validate():
        raise Invalid(_("This page's address is damaged. Open the list from the start."))
    await actions.ask_anew(actor, view_id, form.struct().query)
    async with reading(actor):
        view = await load(actor, "saved_view", view_id)
    return redirect(request, address_of(view), say=_("“%(name)s” asks this from now on.") % {"name": view["name"]})


@post("/views/{view_id:uuid}/put-away", guards=SEES)
async def put_away(request: AnyRequest, actor: NamedDependency[Actor], view_id: FromPath[UUID]) -> Response[Any]:
    view = await actions.put_away(actor, view_id)
    return redirect(request, "/views", say=_("“%(name)s” is put away.") % {"name": view["name"]}, undo=f"/views/{view_id}/restore")


@post("/views/{view_id:uuid}/restore", guards=SEES)
async def restore(request: AnyRequest, actor: NamedDependency[Actor], view_id: FromPath[UUID]) -> Response[Any]:
    view = await actions.put_away(actor, view_id, restore=True)
    return redirect(request, "/views", say=_("“%(name)s” is back.") % {"name": view["name"]})


@post("/views/{view_id:uuid}/start", guards=SEES)
async def start_with(request: AnyRequest, actor: NamedDependency[Actor], view_id: FromPath[UUID]) -> Response[Any]:
    await actions.start_with(actor, view_id)
    return redirect(request, "/views", say=_("Your day begins with it from now on."), undo="/views/start/off")


@post("/views/start/off", guards=SEES)
async def start_plainly(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    await actions.start_with(actor, None)
    return redirect(request, "/views", say=_("Your day begins as others' does."))


HANDLERS = [list_views, keep_view, open_view, edit_view, change_view, ask_anew, put_away, restore, start_with, start_plainly]
