"""What the list of employers can show of each, and the words for what is stored as a code."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Any, get_args
from uuid import UUID

import msgspec
from msgspec import Struct

from crm import industries
from crm.access import Actor, Permission
from crm.database import Record, fetch
from crm.employers import beside
from crm.employers.searching import ListFilters, Sort, list_employers
from crm.fields import listing as added
from crm.fields import sorting
from crm.fields.definitions import Defined
from crm.fields.definitions import fields as fields_of
from crm.fields.sorting import Run
from crm.listings import Column, Listing, Sheet, listing, shown
from crm.sql import Sql
from crm.templating import label
from crm.translation import _, language, lazy_

NAICS_SECTORS = ("11", "21", "22", "23", "31-33", "42", "44-45", "48-49", "51", "52", "53", "54", "55", "56", "61", "62",
                 "71", "72", "81", "92")  # fmt: skip
PIPELINE = Permission.SEE_PIPELINE
SHEET_PAGE = 1_000  # rows that are read at once for a file

# the name stands first in every list
NAME = Column("name", lazy_("Employer"), lambda row, words: row["name"])
COLUMNS = (
    Column("dbas", lazy_("Doing business as"), lambda row, words: ", ".join(row["dbas"])),
    Column("city", lazy_("Town"), lambda row, words: row["city"], usual=True),
    Column("state", lazy_("State"), lambda row, words: row["state"]),
    Column("zip", lazy_("ZIP code"), lambda row, words: row["zip"], needs="e.zip"),
    Column("board", lazy_("Area of board"), lambda row, words: words.board(row["board_id"])),
    Column("sites", lazy_("Worksites"), lambda row, words: row["establishment_count"]),
    Column("sector", lazy_("Industry"), lambda row, words: words.sectors.get(row["sector"], ""), usual=True),
    Column("naics", lazy_("NAICS"), lambda row, words: row["naics"]),
    Column("size", lazy_("Employees"), lambda row, words: row["size_band"], usual=True),
    Column("employee_count", lazy_("Employees, exactly"), lambda row, words: row["employee_count"], needs="e.employee_count"),
    Column("ownership", lazy_("Ownership"), lambda row, words: label(row["ownership"]), needs="e.ownership"),
    Column("status", lazy_("Status"), lambda row, words: label(row["status"])),
    Column("phone", lazy_("Phone"), lambda row, words: row["phone"], needs="e.phone", field="phone"),
    Column("website", lazy_("Website"), lambda row, words: row["website"], needs="e.website"),
    Column("note", lazy_("About them"), lambda row, words: row["note"], needs="e.note", field="note"),
    Column("level", lazy_("Engagement level"), lambda row, words: row["engagement_level"], usual=True, permission=PIPELINE, field="engagement_level"),
    Column("stage", lazy_("Our stage"), lambda row, words: words.stage(row["stage_id"]), usual=True, permission=PIPELINE),
    Column("stage_since", lazy_("Here since"), lambda row, words: row["stage_since"], permission=PIPELINE),
    Column("next_step", lazy_("Next step"), lambda row, words: row["next_step"], usual=True, permission=PIPELINE),
    Column("next_step_due", lazy_("Next step by"), lambda row, words: row["next_step_due"], permission=PIPELINE),
    Column("updated_at", lazy_("Latest change"), lambda row, words: row["updated_at"]),
    Column("created_at", lazy_("In the directory since"), lambda row, words: row["created_at"], needs="e.created_at"),
)


class Words(Struct, frozen=True):
    """Names of what rows hold as ids and codes."""

    boards: dict[UUID, str]
    stages: dict[UUID, Record]
    sectors: dict[str, str]

    def board(self, board_id: UUID | None) -> str:
        return self.boards.get(board_id, "") if board_id else ""

    def stage(self, stage_id: UUID | None) -> str:
        found = self.stages.get(stage_id) if stage_id else None
        return str(found[f"name_{language()}"]) if found else ""


async def words() -> Words:
    boards = await fetch("select id, name from board order by name")
    stages = await fetch("select s.id, s.name_en, s.name_es, s.kind from stage s join pipeline p on p.id = s.pipeline_id "
                         "where p.board_id is null order by s.position")  # fmt: skip
    return Words({row["id"]: row["name"] for row in boards}, {row["id"]: row for row in stages}, sectors())


def sectors() -> dict[str, str]:
    return {code: _(industries.name(code)) for code in NAICS_SECTORS}


def offered(actor: Actor, fields: Sequence[Defined]) -> list[Column]:
    """All that the actor may choose, the added fields that they see among it."""
    every = [*COLUMNS, *added.columns(actor, fields)]
    return shown(actor, "employer", every, [each.key for each in every])


def columns(actor: Actor, filters: ListFilters, fields: Sequence[Defined]) -> list[Column]:
    """What the list shows beside the name."""
    return shown(actor, "employer", [*COLUMNS, *added.columns(actor, fields)], filters.columns)


def tidied(actor: Actor, filters: ListFilters, fields: Sequence[Defined]) -> ListFilters:
    """Columns that are the usual ones are no choice, and none of an address that is long for nothing; a field that is gone sorts no list."""
    keys = tuple(each.key for each in columns(actor, filters, fields))
    usual = tuple(each.key for each in shown(actor, "employer", COLUMNS, ()))
    sort = filters.sort if filters.sort in get_args(Sort) or sorting.runs_of(fields, filters.sort) else "name"
    return msgspec.structs.replace(filters, columns=() if keys == usual else keys, added=added.keys(filters.added), sort=sort)


def cells(chosen: Sequence[Column], words: Words, rows: Sequence[Record]) -> list[tuple[Record, list[tuple[str, str, Any]]]]:
    """Each row with its cells: the column's key and heading, and what it says."""
    told = [(each.key, _(each.label), each.said or each.value) for each in chosen]
    return [(row, [(key, heading, say(row, words)) for key, heading, say in told]) for row in rows]


def needs(chosen: Sequence[Column]) -> list[str | Sql]:
    return [each.needs for each in chosen if each.needs]


async def sheet(actor: Actor, filters: ListFilters, today: date) -> Sheet:
    """The list as a file: every page of it."""
    fields = await fields_of(actor)
    chosen = columns(actor, filters, fields)
    pages = _pages(actor, filters, needs(chosen), sorting.runs_of(fields, filters.sort))
    return Sheet([NAME, *chosen], await words(), pages, beside.sheets(actor, fields))


async def _pages(actor: Actor, filters: ListFilters, more: Sequence[str | Sql], runs: Sequence[Run]) -> AsyncIterator[Sequence[Record]]:
    while True:
        found = await list_employers(actor, filters, more=more, runs=runs, page=SHEET_PAGE, counted=False)
        yield found.rows
        if not found.after:
            return
        filters = msgspec.structs.replace(filters, after=found.after)


EMPLOYERS = listing(Listing("employers", "/employers", lazy_("Employers"), Permission.SEE_DIRECTORY, ListFilters, sheet,
                            lazy_("Excel, with worksites and people")))  # fmt: skip
