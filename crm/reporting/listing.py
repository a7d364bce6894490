"""The rows behind a number as a list: what it shows of each, in a page and in a file."""

from collections.abc import AsyncIterator, Mapping
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from crm.access import Actor, Permission
from crm.database import Record, fetch_one
from crm.engagements.pipelines import stage_name
from crm.errors import NotFound
from crm.listings import Column, Listing, Sheet, listing
from crm.mail import current_settings
from crm.reporting import showing
from crm.reporting.measures import MEASURES, SLOTS, Scope
from crm.reporting.rules import DEFINITIONS, LEVEL_MOVES, LEVELS, PARTS, TITLES
from crm.templating import label
from crm.translation import _, language, lazy_

AT_ONCE = 2_000  # rows of a file that are read in one statement


class Filters(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose figures; empty for the whole state, or for one's own board."""

    board: UUID | None = None


class RowFilters(Filters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    measure: Annotated[str, Meta(max_length=20)]
    part: Annotated[str, Meta(max_length=60, pattern="^[ -~]*$")] = ""
    after: Annotated[str, Meta(description="What “next” of the page before says", max_length=200)] = ""


def scope_of(actor: Actor, filters: RowFilters, today: date) -> Scope:
    """Raises `NotFound` for what is not to be seen, or does not exist."""
    if filters.measure not in MEASURES:
        raise NotFound(_("This page does not exist, or it is not yours to see."))
    return Scope(actor, showing.whose(actor, filters.board), today, current_settings().time_zone, filters.part)


def detail(measure: str, row: Mapping[str, Any]) -> str:
    """What a row says besides the employer."""
    return label(row["detail"]) if measure in SLOTS else row["detail"] or ""


COLUMNS = [
    Column("employer", lazy_("Employer"), lambda row, measure: row["name"] or ""),
    Column("city", lazy_("City"), lambda row, measure: row["city"] or ""),
    Column("detail", lazy_("What"), lambda row, measure: detail(measure, row)),
    Column("at", lazy_("When"), lambda row, measure: row["at"]),
]
SLOTS_COLUMN = Column("slots", lazy_("Slots"), lambda row, measure: row["slots"])


async def _sheet(actor: Actor, filters: RowFilters, today: date) -> Sheet:
    scope = scope_of(actor, filters, today)

    async def pages() -> AsyncIterator[list[Record]]:
        after = None
        while found := await showing.rows(scope, filters.measure, after, AT_ONCE):
            yield found
            after = showing.Line(found[-1]["at"], found[-1]["id"])

    return Sheet([*COLUMNS, *([SLOTS_COLUMN] if filters.measure in SLOTS else [])], filters.measure, pages())


ROWS = listing(Listing("report-rows", "/reports/rows", lazy_("Rows behind a number"), Permission.SEE_PIPELINE, RowFilters, _sheet))


async def heading(scope: Scope, measure: str) -> tuple[str, str]:
    """What a list of rows is called, and what its number means."""
    part = scope.part or ""
    words = await _part(measure, part)
    title, means = _(TITLES[measure]), LEVELS.get(part, "") if measure == "level" else DEFINITIONS.get(part) or DEFINITIONS.get(measure, "")
    return f"{title}: {words}" if words else title, _(means)


async def _part(measure: str, part: str) -> str:
    """Which part of a measure, in words. Raises `NotFound`."""
    if measure == "activity":
        return f"{label(part[11:])}, {part[:10]}"
    if measure == "employers":
        return _(PARTS.get(part, ""))
    if measure == "level":
        return _("Not known") if part == "0" else part
    if measure == "level_moved":
        return _(LEVEL_MOVES.get(part, ""))
    if not part:
        return ""
    try:
        first, _space, kind = part.partition(" ")
        known = UUID(first)
    except ValueError as problem:
        raise NotFound(_("This page does not exist, or it is not yours to see.")) from problem
    if measure in SLOTS:
        row = await fetch_one("select name_en, name_es from pledge_drive where id = $1", known)
        return ", ".join(filter(None, (row[f"name_{language()}"], label(kind)))) if row else ""
    row = await fetch_one("select name_en, name_es from stage where id = $1", known)
    return row[stage_name()] if row else ""
