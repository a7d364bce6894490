"""The lists whose filters, columns and order can be kept under a name. A feature declares its own."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

import msgspec
from msgspec import Struct

from crm.access import Actor, Permission, hidden_fields, may
from crm.errors import Invalid
from crm.filters import chosen, filters_of
from crm.sql import Sql
from crm.translation import _

_NOT_KEPT = {"after", "saved"}  # where a page begins, and the view that it came from


class Column(Struct, frozen=True):
    """What a list can show of each row. `value(row, words)` is what stands in a file; a page may draw it its own way."""

    key: str
    label: str
    value: Callable[[Mapping[str, Any], Any], Any]
    needs: str | Sql = ""  # an expression of the query that the list does not bring anyway
    usual: bool = False  # shown where no one chose
    field: str = ""  # the column that roles may be hidden from
    permission: Permission = Permission.SEE_DIRECTORY
    said: Callable[[Mapping[str, Any], Any], str] | None = None  # how a page has it, where a file has a number or a day


def shown(actor: Actor, table: str, columns: Sequence[Column], chosen: Sequence[str]) -> list[Column]:
    """The chosen columns, or the usual ones, that the actor may see, in the order in which they are declared."""
    hidden = hidden_fields(actor, table)
    offered = [each for each in columns if each.field not in hidden and may(actor, each.permission)]
    return [each for each in offered if each.key in chosen] or [each for each in offered if each.usual]


class Beside(Struct, frozen=True):
    """What belongs to the rows of a list and stands in a sheet of its own beside it. `rows(ids)` are those of some rows of the list."""

    title: str
    columns: Sequence[Column]
    rows: Callable[[Sequence[UUID]], Awaitable[Sequence[Mapping[str, Any]]]]


class Sheet(Struct, frozen=True):
    """A list as a file holds it: its columns, the words for its codes, its rows in pages, as the list orders them, and what a workbook can hold beside."""

    columns: Sequence[Column]
    words: Any
    pages: AsyncIterator[Sequence[Mapping[str, Any]]]
    beside: Sequence[Beside] = ()


class Listing(Struct, frozen=True):
    """A page that lists rows: its name in the database, its address, its title, who may open it, its filters, and its file.

    `sheet(actor, filters, today)` is what the actor sees of it now. `beside`: what a workbook can hold besides, in words; empty for nothing.
    """

    name: str
    url: str
    title: str
    permission: Permission
    filters: type[Struct]
    sheet: Callable[[Actor, Any, date], Awaitable[Sheet]]
    beside: str = ""

    def kept(self, filters: Struct) -> dict[str, Any]:
        """What makes a view of it, as it stands in the database."""
        values = {name: value for name, value in chosen(filters).items() if name not in _NOT_KEPT}
        return {name: list(value) if isinstance(value, tuple) else str(value) for name, value in values.items()}

    def read(self, query: str) -> dict[str, Any]:
        """The same, of an address as a form brings it back. Raises `Invalid`."""
        return self.kept(self.asked(query))

    def asked(self, query: str) -> Any:
        """The filters of an address. Raises `Invalid`."""
        return filters_of(parse_qsl(query), self.filters)

    def address(self, kept: Mapping[str, Any], **more: Any) -> str:
        """Leads to the list; what it knows no more, after a release, is left out."""
        given = dict(kept) | more
        values = {field.name: given[field.name] for field in msgspec.structs.fields(self.filters) if field.name in given}
        return self.url + (f"?{urlencode(values, doseq=True)}" if values else "")


_listings: dict[str, Listing] = {}


def listing(found: Listing) -> Listing:
    """Declare a list."""
    _listings[found.name] = found
    return found


def listing_of(name: str) -> Listing:
    """Raises `Invalid` for one that no one declared."""
    try:
        return _listings[name]
    except KeyError:
        raise Invalid(_("There is no list '%(name)s' to keep a view of.") % {"name": name}) from None
