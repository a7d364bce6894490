"""A list as a file: exactly what it shows, the same rows, columns and order, through the same gate. On record before it leaves."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from crm import audit
from crm.access import Actor, require
from crm.errors import Invalid
from crm.listings import Column, Listing, Sheet
from crm.spreadsheets.writing import Sheet as Table
from crm.spreadsheets.writing import write_csv, write_workbook
from crm.translation import _

Format = Literal["csv", "xlsx"]
MOST: dict[Format, int] = {"csv": 100_000, "xlsx": 20_000}  # rows that are worked out while someone waits
MEDIA: dict[Format, str] = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


class Part(Struct, frozen=True):
    """A sheet of the file, as it is filled."""

    title: str
    columns: Sequence[Column]
    rows: list[list[Any]]


async def export(actor: Actor, listing: Listing, query: str, kind: Format, *, today: date, zone: str, beside: bool = False) -> bytes:
    """The file; `beside`: a workbook with a sheet more of each kind of what belongs to the rows.

    Raises `Invalid` where the list is too long for one; what is in it is on record then.
    """
    require(actor, listing.permission)
    filters = listing.asked(query)
    sheet = await listing.sheet(actor, filters, today)
    parts = [Part(listing.title, sheet.columns, [])] + [Part(each.title, each.columns, []) for each in sheet.beside if beside and kind == "xlsx"]
    await _fill(parts, sheet, MOST[kind], ZoneInfo(zone))
    tables = [Table(_(part.title), [_(column.label) for column in part.columns], part.rows) for part in parts]
    body = await asyncio.to_thread(_written, kind, tables)
    what: dict[str, Any] = {"list": listing.name, "format": kind, "rows": len(parts[0].rows), "filters": listing.kept(filters),
                            "columns": [column.key for column in sheet.columns]}  # fmt: skip
    if more := [{"sheet": str(part.title), "rows": len(part.rows), "columns": [column.key for column in part.columns]} for part in parts[1:]]:
        what["beside"] = more
    await audit.record_disclosure(actor, "list.exported", subject_kind="list", after=msgspec.to_builtins(what))
    return body


async def _fill(parts: Sequence[Part], sheet: Sheet, most: int, zone: ZoneInfo) -> None:
    async for page in sheet.pages:
        _add(parts[0], page, sheet.words, zone)
        for part, each in zip(parts[1:], sheet.beside, strict=False):
            _add(part, await each.rows([row["id"] for row in page]), sheet.words, zone)
        if max(len(part.rows) for part in parts) > most:
            raise Invalid(
                _("This list has more than %(most)s rows, which is too long for one file of this kind. Narrow it, for example to one board, "
                  "and export it in parts.") % {"most": f"{most:,}"}
            )  # fmt: skip


def _add(part: Part, rows: Sequence[Mapping[str, Any]], words: Any, zone: ZoneInfo) -> None:
    part.rows.extend([_local(column.value(row, words), zone) for column in part.columns] for row in rows)


def _local(value: Any, zone: ZoneInfo) -> Any:
    """Moments as people write them: on the agency's clock, to the minute."""
    return value.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0) if isinstance(value, datetime) else value


def _written(kind: Format, tables: Sequence[Table]) -> bytes:
    out = BytesIO()
    if kind == "csv":
        write_csv(out, tables[0].headers, tables[0].rows)
    else:
        write_workbook(out, tables)
    return out.getvalue()
