"""Cases as a list: which to see, what it shows of each, and what stands in its file."""

import base64
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from crm.access import Actor, Permission, visible
from crm.database import Record, fetch
from crm.errors import Invalid
from crm.incentives import installed
from crm.incentives.claims import rules
from crm.incentives.wording import text
from crm.listings import Column, Listing, Sheet, listing
from crm.sql import TRUE, Sql, both
from crm.templating import label
from crm.translation import _, lazy_

ROWS = 50
AT_ONCE = 1_000  # rows of a file that are read in one statement
FAR = date(9999, 12, 31)  # stands for no day to keep, which comes last
OPEN = ("preparing", "submitted", "certified", "denied", "appealed")


class Filters(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the list is narrowed to. Every field is part of the page's address."""

    state: Annotated[
        Literal["", "all", "preparing", "submitted", "certified", "paid", "denied", "appealed", "withdrawn"],
        Meta(description="Where they stand; empty for those that are not at an end"),
    ] = ""
    program: Annotated[str, Meta(description="Only of this program", max_length=80)] = ""
    due: Annotated[Literal["", "past", "week", "month"], Meta(description="A day to keep that is past, or comes within 7 or 30 days")] = ""
    age: Annotated[Literal["", "30", "90", "180"], Meta(description="So many days or more where they stand")] = ""
    law: Annotated[Literal["", "changed"], Meta(description="Only those for which the law changed since")] = ""
    whose: Annotated[Literal["", "mine"], Meta(description="Only those that one looks after")] = ""
    board: Annotated[UUID | None, Meta(description="Only of this board")] = None
    q: Annotated[str, Meta(description="Words of the employer's name", max_length=200)] = ""
    after: Annotated[str, Meta(description="What “next” of the page before says", max_length=200)] = ""
    saved: Annotated[UUID | None, Meta(description="The view that it came from")] = None


def program_name(program_id: str) -> str:
    found = installed.library().programs.get(program_id)
    return text(found.name) if found else program_id


def amount_of(row: Mapping[str, Any]) -> Any:
    return next((row[name] for name in ("paid", "certified", "estimated") if row[name] is not None), None)


COLUMNS = (
    Column("employer", lazy_("Employer"), lambda row, today: row["employer"]),
    Column("hire", lazy_("Hire"), lambda row, today: row["label"]),
    Column("program", lazy_("Program"), lambda row, today: program_name(row["program"])),
    Column("state", lazy_("Where it stands"), lambda row, today: label(f"case_{row['state']}")),
    Column("since", lazy_("Since"), lambda row, today: row["state_since"]),
    Column("days", lazy_("Days there"), lambda row, today: rules.days_in_state(row["state_since"], today)),
    Column("due", lazy_("By"), lambda row, today: row["due"]),
    Column("estimated", lazy_("Estimated"), lambda row, today: row["estimated"]),
    Column("certified", lazy_("Certified"), lambda row, today: row["certified"]),
    Column("paid", lazy_("Paid"), lambda row, today: row["paid"]),
    Column("owner", lazy_("Who looks after it"), lambda row, today: row["owner"]),
    Column("board", lazy_("Board"), lambda row, today: row["board"]),
)


async def cases(actor: Actor, filters: Filters, today: date, *, most: int = ROWS, after: Sequence[Any] | None = None) -> list[Record]:
    """The first day to keep first; those without one last, the longest waiting first."""
    states = {"": OPEN, "all": rules.STATES}.get(filters.state, (filters.state,))
    before = {"past": today - timedelta(days=1), "week": today + timedelta(days=7), "month": today + timedelta(days=30)}.get(filters.due)
    since = today - timedelta(days=int(filters.age)) if filters.age else None
    where = both([
        Sql("c.state = any({})", list(states)), Sql("c.program = {}", filters.program) if filters.program else TRUE,
        Sql("c.due <= {}", before) if before else TRUE, Sql("c.state_since <= {}", since) if since else TRUE,
        Sql("c.law_changed_on is not null") if filters.law else TRUE, Sql("c.owner_id = {}", actor.account_id) if filters.whose else TRUE,
        Sql("c.board_id = {}", filters.board) if filters.board else TRUE,
        Sql("strpos(e.search_text, fold({})) > 0", filters.q.strip()) if filters.q.strip() else TRUE,
        Sql("(coalesce(c.due, {}), c.state_since, c.id) > ({}, {}, {})", FAR, *after) if after else TRUE,
    ])  # fmt: skip
    return await rows(actor, where, Sql("coalesce(c.due, {}), c.state_since, c.id limit {}", FAR, most))


async def rows(actor: Actor, where: Sql, order: Sql) -> list[Record]:
    return await fetch(
        Sql("select c.*, e.name as employer, h.label, h.job_title, h.starts_on, b.name as board, a.name as owner from incentive_case c "
            "join hire h on h.id = c.hire_id join employer e on e.id = c.employer_id and {} join board b on b.id = c.board_id "
            "left join account a on a.id = c.owner_id where {} and {} order by {}",
            visible(actor, "employer", "e"), visible(actor, "incentive_case", "c"), where, order)  # fmt: skip
    )


async def of_hire(actor: Actor, hire_id: UUID) -> list[Record]:
    return await rows(actor, Sql("c.hire_id = {}", hire_id), Sql("c.made_at"))


async def sent_on(actor: Actor, hire_id: UUID) -> dict[str, str]:
    """The days, as ISO text, on which requests of a hire were submitted, by program."""
    found = await fetch(Sql("select c.program, m.on_day from case_move m join incentive_case c on c.id = m.case_id where c.hire_id = {} and m.to_state = 'submitted' "
                            "and m.undone_at is null and c.state <> 'withdrawn' and {} and {} order by m.made_at",
                            hire_id, visible(actor, "case_move", "m"), visible(actor, "incentive_case", "c")))  # fmt: skip
    return {row["program"]: row["on_day"].isoformat() for row in found}


async def of_employer(actor: Actor, employer_id: UUID, where: Sql = TRUE) -> list[Record]:
    return await rows(actor, both([Sql("c.employer_id = {}", employer_id), where]), Sql("h.starts_on, h.label, c.id"))


def place(row: Mapping[str, Any]) -> tuple[date, date, UUID]:
    """Where a row stands in the list."""
    return row["due"] or FAR, row["state_since"], row["id"]


def written(row: Mapping[str, Any]) -> str:
    """The same for an address."""
    return base64.urlsafe_b64encode(json.dumps([str(each) for each in place(row)]).encode()).decode()


def read(after: str) -> tuple[date, date, UUID] | None:
    """Raises `Invalid` for an address that is damaged."""
    if not after:
        return None
    try:
        due, since, case_id = json.loads(base64.urlsafe_b64decode(after))
        return date.fromisoformat(due), date.fromisoformat(since), UUID(case_id)
    except (ValueError, TypeError) as problem:
        raise Invalid(_("This page's address is damaged. Open the list from the start.")) from problem


async def _sheet(actor: Actor, filters: Filters, today: date) -> Sheet:
    async def pages() -> AsyncIterator[list[Record]]:
        after = None
        while found := await cases(actor, filters, today, most=AT_ONCE, after=after):
            yield found
            after = place(found[-1])

    return Sheet(COLUMNS, today, pages())


CASES = listing(Listing("cases", "/cases", lazy_("Incentive cases"), Permission.SEE_PIPELINE, Filters, _sheet))
