"""A list as a file: exactly what it shows, the same rows, columns and order, through the same gate. On record before it leaves."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from crm import audit
from crm.access import Actor, require
from crm.errors import Invalid
from crm.listings import Listing, Sheet
from crm.spreadsheets.writing import write_csv, write_xlsx
from crm.translation import _

Format = Literal["csv", "xlsx"]
MOST: dict[Format, int] = {"csv": 100_000, "xlsx": 20_000}  # rows that are worked out while someone waits
MEDIA: dict[Format, str] = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


async def export(actor: Actor, listing: Listing, query: str, kind: Format, *, today: date, zone: str) -> bytes:
    """The file. Raises `Invalid` where the list is too long for one; what is in it is on record then."""
    require(actor, listing.permission)
    filters = listing.asked(query)
    sheet = await listing.sheet(actor, filters, today)
    rows = await _rows(sheet, MOST[kind], ZoneInfo(zone))
    headers = [_(column.label) for column in sheet.columns]
    body = await asyncio.to_thread(_written, kind, headers, rows, _(listing.title))
    what: dict[str, Any] = {"list": listing.name, "format": kind, "rows": len(rows), "filters": listing.kept(filters),
                            "columns": [column.key for column in sheet.columns]}  # fmt: skip
    await audit.record_disclosure(actor, "list.exported", subject_kind="list", after=msgspec.to_builtins(what))
    return body


async def _rows(sheet: Sheet, most: int, zone: ZoneInfo) -> list[list[Any]]:
    rows: list[list[Any]] = []
    async for page in sheet.pages:
        rows += [[_local(column.value(row, sheet.words), zone) for column in sheet.columns] for row in page]
        if len(rows) > most:
            raise Invalid(
                _("This list has more than %(most)s rows, which is too long for one file of this kind. Narrow it, for example to one board, "
                  "and export it in parts.") % {"most": f"{most:,}"}
            )  # fmt: skip
    return rows


def _local(value: Any, zone: ZoneInfo) -> Any:
    """Moments as people write them: on the agency's clock, to the minute."""
    return value.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0) if isinstance(value, datetime) else value


def _written(kind: Format, headers: Sequence[str], rows: Sequence[Sequence[Any]], title: str) -> bytes:
    out = BytesIO()
    if kind == "csv":
        write_csv(out, headers, rows)
    else:
        write_xlsx(out, headers, rows, title)
    return out.getvalue()
