"""The verbs of views: keep one, name it, share it, put it away, begin the day with it. Only its owner changes a view."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from crm.access import Actor, load, require
from crm.actions import acting
from crm.database import execute, fetch_value, update_row
from crm.errors import Denied, Invalid
from crm.listings import listing_of
from crm.translation import _
from crm.views.forms import NewViewForm, ViewForm

MOST = 50  # views of one person that are not put away


async def keep(actor: Actor, form: NewViewForm) -> UUID:
    """Keep what a list was asked, under a name; the view's id."""
    listing = listing_of(form.list)
    require(actor, listing.permission)
    filters = listing.read(form.query)
    async with acting(actor, "view.kept") as act:
        if await fetch_value("select count(*) from saved_view where account_id = $1 and archived_at is null", actor.account_id) >= MOST:
            raise Invalid(_("You keep %(most)s views already. Put one away first.") % {"most": MOST})
        boards = await _boards(actor, form)
        view_id: UUID = await fetch_value(
            "insert into saved_view (account_id, list, name, filters, board_ids) values ($1, $2, $3, $4, $5) returning id",
            actor.account_id, listing.name, form.name, filters, boards,
        )  # fmt: skip
        act.record("saved_view", view_id, board_id=actor.home_board, after={"name": form.name, "filters": filters, "board_ids": boards})
    return view_id


async def _boards(actor: Actor, form: ViewForm) -> list[UUID]:
    """The boards that see it. Raises `NotFound` for one that is none."""
    if form.board_id is not None:
        await load(actor, "board", form.board_id)
    own = actor.home_board if form.with_colleagues else None
    return sorted({board for board in (own, form.board_id) if board}, key=str)


async def change(actor: Actor, view_id: UUID, form: ViewForm) -> None:
    """Name it anew, share it with others or with no one."""
    async with acting(actor, "view.changed") as act:
        view = await _own(actor, view_id)
        after = {"name": form.name, "board_ids": await _boards(actor, form)}
        changed = {key: value for key, value in after.items() if view[key] != value}
        if not changed:
            act.unchanged()
            return
        await update_row("saved_view", view_id, changed)
        act.record("saved_view", view_id, board_id=actor.home_board, before={key: view[key] for key in changed}, after=changed)


async def ask_anew(actor: Actor, view_id: UUID, query: str) -> Mapping[str, Any]:
    """Keep other filters under the same name; the view as it was."""
    async with acting(actor, "view.filters_changed") as act:
        view = await _own(actor, view_id)
        filters = listing_of(view["list"]).read(query)
        await update_row("saved_view", view_id, {"filters": filters})
        act.record("saved_view", view_id, board_id=actor.home_board, before={"filters": view["filters"]}, after={"filters": filters})
    return view


async def put_away(actor: Actor, view_id: UUID, *, restore: bool = False) -> Mapping[str, Any]:
    """Off every list, or back on it; whoever began their day with it begins as others do meanwhile."""
    async with acting(actor, "view.restored" if restore else "view.put_away") as act:
        view = await _own(actor, view_id)
        await execute("update saved_view set archived_at = case when $2 then null else now() end, version = version + 1 where id = $1", view_id, restore)
        act.record("saved_view", view_id, board_id=actor.home_board, after={"archived": not restore})
    return view


async def start_with(actor: Actor, view_id: UUID | None) -> None:
    """Begin with this view after each sign-in, or with what everyone begins with."""
    async with acting(actor, "account.start_chosen") as act:
        if view_id is not None:
            await load(actor, "saved_view", view_id)
        before = await fetch_value("select start_view_id from account where id = $1 for update", actor.account_id)
        if before == view_id:
            act.unchanged()
            return
        await execute("update account set start_view_id = $2, version = version + 1 where id = $1", actor.account_id, view_id)
        act.record("account", actor.account_id, before={"start_view_id": before}, after={"start_view_id": view_id})


async def _own(actor: Actor, view_id: UUID) -> dict[str, Any]:
    view = await load(actor, "saved_view", view_id, for_update=True)
    if view["account_id"] != actor.account_id:
        raise Denied(_("This view is a colleague's. Save it under a name of yours to change it."))
    return view
