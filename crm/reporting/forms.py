"""What comes in about reports."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from crm.translation import lazy_


class TotalForm(Struct, forbid_unknown_fields=True, kw_only=True):
    board_id: Annotated[UUID | None, Meta(title=lazy_("Area"))] = None
    establishments: Annotated[int, Meta(title=lazy_("Establishments in the area"), ge=1, le=100_000_000)]
    source: Annotated[
        str, Meta(title=lazy_("Who says so"), description=lazy_("The publication, with its title and period."), min_length=3, max_length=300)
    ]
    as_of: Annotated[date, Meta(title=lazy_("As of"))]


class PaperForm(Struct, forbid_unknown_fields=True, kw_only=True):
    """Which report to print; without a board the whole state's."""

    board_id: UUID | None = None


class RhythmForm(Struct, forbid_unknown_fields=True, kw_only=True):
    """When a report goes out by mail, and in which language."""

    rhythm: Annotated[Literal["weekly", "monthly", "quarterly"], Meta(title=lazy_("How often"))]
    weekday: Annotated[
        Literal["monday", "tuesday", "wednesday", "thursday", "friday"], Meta(title=lazy_("Day of the week"), description=lazy_("For every week."))
    ] = "monday"
    day: Annotated[int, Meta(title=lazy_("Day of the month"), ge=1, le=31,
                             description=lazy_("For every month, and for the first month of a quarter. A weekend or a holiday waits for the next working day."))] = 1  # fmt: skip
    language: Annotated[Literal["en", "es"], Meta(title=lazy_("Language"))] = "en"
    until: Annotated[date | None, Meta(title=lazy_("Until"), description=lazy_("Left open, it goes on until it is stopped."))] = None


class ScheduleForm(RhythmForm, forbid_unknown_fields=True, kw_only=True):
    """Who gets which report by mail, and when."""

    account_id: Annotated[UUID | None, Meta(title=lazy_("Who"))] = None
    board_id: Annotated[UUID | None, Meta(title=lazy_("Report"))] = None
