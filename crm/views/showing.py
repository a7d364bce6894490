"""Views as lists show them: tabs, the one that is open, and whether its filters were changed since."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from msgspec import Struct

from crm.access import Actor, may, visible
from crm.database import Record, fetch, fetch_one
from crm.forms import BoundForm, form_for
from crm.listings import Listing, listing_of
from crm.sql import TRUE, Sql
from crm.views.forms import ViewForm

TABS = 8


class Tab(Struct, frozen=True):
    id: UUID
    name: str
    url: str
    owner: str  # empty for one's own


class Tabs(Struct, frozen=True):
    """The views of a list, for its page. `query` is what the list is asked now; `changed`: other than the open view asks."""

    listing: Listing
    tabs: list[Tab]
    more: bool
    current: Tab | None
    changed: bool
    query: str
    form: BoundForm


async def tabs(actor: Actor, listing: Listing, filters: Any, boards: Mapping[UUID, str]) -> Tabs:
    """What stands above a list; `boards` are those that it can be shared with."""
    rows = await seen(actor, listing)
    found = {row["id"]: _tab(actor, row) for row in rows}
    current = found.get(filters.saved)
    shown = list(found.values())[:TABS]
    if current and current not in shown:
        shown[-1] = current
    kept = listing.kept(filters)
    asked: dict[str, Any] = next((row["filters"] for row in rows if row["id"] == filters.saved), {})
    return Tabs(listing, shown, len(found) > TABS, current, kept != asked, urlencode(kept, doseq=True), form_for(ViewForm, choices=choices(actor, boards)))


async def every_board() -> dict[UUID, str]:
    return {row["id"]: row["name"] for row in await fetch("select id, name from board order by name")}


def choices(actor: Actor, boards: Mapping[UUID, str]) -> dict[str, list[tuple[str, str]]]:
    """The boards that a view can be shared with beside one's own."""
    return {"board_id": [(str(board_id), name) for board_id, name in boards.items() if board_id != actor.home_board]}


async def seen(actor: Actor, listing: Listing | None = None) -> list[Record]:
    """The views that the actor sees, their own first."""
    return await fetch(
        Sql("select v.*, a.name as owner from saved_view v join account a on a.id = v.account_id where {} and v.archived_at is null and {} "
            "order by v.account_id <> {}, v.list, lower(v.name), v.id limit 200",
            Sql("v.list = {}", listing.name) if listing else TRUE, visible(actor, "saved_view", "v"), actor.account_id)  # fmt: skip
    )


def _tab(actor: Actor, row: Record) -> Tab:
    return Tab(row["id"], row["name"], address_of(row), "" if row["account_id"] == actor.account_id else row["owner"])


def address_of(view: Record | dict[str, Any]) -> str:
    return listing_of(view["list"]).address(view["filters"], saved=view["id"])


async def start_address(actor: Actor) -> str:
    """Where the day begins with a view that the actor chose and still sees; otherwise empty."""
    view = await fetch_one(
        Sql("select v.* from account a join saved_view v on v.id = a.start_view_id and v.archived_at is null where a.id = {} and {}",
            actor.account_id, visible(actor, "saved_view", "v"))  # fmt: skip
    )
    return address_of(view) if view is not None and may(actor, listing_of(view["list"]).permission) else ""
