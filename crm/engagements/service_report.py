"""The services that were given in some days: how many of which at each worksite, and each one of them for a file."""

from datetime import date, datetime, time, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from crm import api
from crm.access import Actor, visible
from crm.database import Record, fetch
from crm.errors import Invalid
from crm.sql import TRUE, Sql, both
from crm.translation import _

PAGE = 100
MOST = 20_000  # rows of a file
_NONE = UUID(int=0)


class Filters(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the report is about. Every field is part of the page's address."""

    since: Annotated[date | None, Meta(description="From this day on")] = None
    until: Annotated[date | None, Meta(description="Up to this day")] = None
    code: Annotated[str, Meta(description="Only this code", max_length=40)] = ""
    board: Annotated[UUID | None, Meta(description="Only what this board did")] = None
    after: Annotated[str, Meta(description="What “next” of the page before says", max_length=600)] = ""


def period(filters: Filters, today: date) -> tuple[date, date]:
    """The days that are asked for; by default those of the program year (July to June) up to today."""
    start = date(today.year if today.month >= 7 else today.year - 1, 7, 1)
    since = filters.since or min(start, filters.until or start)
    return since, filters.until or max(today, since)


async def by_worksite(actor: Actor, filters: Filters, days: tuple[date, date], zone: str) -> tuple[list[Record], str]:
    """A line for each worksite and code, and where the next page starts."""
    start = TRUE
    if filters.after:
        start = Sql("(e.name_folded, e.id, coalesce(w.id, {}), y.service_code) > ({}, {}, {}, {})", _NONE, *api.after(filters.after, str, UUID, UUID, str))
    rows = await fetch(
        Sql(
            "select e.id as employer_id, e.name, e.name_folded, w.id as establishment_id, w.name as site_name, w.line1, w.city, w.state, w.zip, "
            "y.service_code, count(*) as times, min(y.at) as first_at, max(y.at) as last_at from activity y "
            "join employer e on e.id = y.employer_id and {} left join establishment w on w.id = y.establishment_id and {} "
            f"where {{}} group by e.id, w.id, y.service_code order by e.name_folded, e.id, coalesce(w.id, {{}}), y.service_code limit {PAGE + 1}",
            visible(actor, "employer", "e"), visible(actor, "establishment", "w"), both([_given(actor, filters, days, zone), start]), _NONE,
        )
    )  # fmt: skip
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return rows[:PAGE], api.cursor([last["name_folded"], last["employer_id"], last["establishment_id"] or _NONE, last["service_code"]]) if last else ""


async def each(actor: Actor, filters: Filters, days: tuple[date, date], zone: str) -> list[Record]:
    """Every service, the oldest first. Raises `Invalid` for more than a file holds."""
    rows = await fetch(
        Sql(
            "select (y.at at time zone {})::date as day, y.service_code, y.kind, y.outcome, y.summary, e.name, w.name as site_name, w.line1, w.city, "
            "w.state, w.zip, b.name as board, a.name as by_name, e.id as employer_id, w.id as establishment_id from activity y "
            "join employer e on e.id = y.employer_id and {} left join establishment w on w.id = y.establishment_id and {} "
            "left join board b on b.id = y.board_id left join account a on a.id = y.logged_by "
            f"where {{}} order by y.at, y.id limit {MOST + 1}",
            zone, visible(actor, "employer", "e"), visible(actor, "establishment", "w"), _given(actor, filters, days, zone),
        )
    )  # fmt: skip
    if len(rows) > MOST:
        raise Invalid(_("These days have more than %(most)s services. Choose fewer days, or one board.") % {"most": MOST})
    return rows


def _given(actor: Actor, filters: Filters, days: tuple[date, date], zone: str) -> Sql:
    """Services of the boards whose notes the actor may see. The days are the agency's, the last one whole."""
    here = ZoneInfo(zone)
    until = min(days[1], date.max - timedelta(days=2)) + timedelta(days=1)
    return both(
        [
            Sql("y.service_code <> '' and y.removed_at is null and {}", visible(actor, "activity", "y")),
            Sql("y.at >= {} and y.at < {}", datetime.combine(days[0], time(), here), datetime.combine(until, time(), here)),
            Sql("y.service_code = {}", filters.code) if filters.code else TRUE,
            Sql("y.board_id = {}", filters.board) if filters.board else TRUE,
        ]
    )
