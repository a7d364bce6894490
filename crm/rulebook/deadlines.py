"""Days to keep: counted from the day of a fact or back from it, or a day of the calendar in a year after it."""

import calendar
import re
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from msgspec import Struct
from ruamel.yaml.comments import CommentedMap

from crm.rulebook import entries, reading
from crm.rulebook.conditions import fact_of
from crm.rulebook.facts import UNKNOWN
from crm.rulebook.file_errors import RuleFileError
from crm.rulebook.formula_reading import Known
from crm.translation import _

MOST_DAYS, MOST_YEARS = 3660, 10


class Deadline(Struct, frozen=True):
    """So many calendar days after a fact's day (0: that day itself; below 0: before it); or, with `on`, that month and day, so many years after its year."""

    id: str
    after: str
    sentence: dict[str, str]
    citation: str
    days: int = 0
    on: tuple[int, int] | None = None
    years: int = 0
    opens: tuple[int, int] | None = None
    line: int = 0

    def day(self, facts: Mapping[str, Any]) -> date | None:
        """The last day; None while the fact is not known."""
        start = facts.get(self.after, UNKNOWN)
        if start is UNKNOWN:
            return None
        return start + timedelta(days=self.days) if self.on is None else _of_year(start.year + self.years, self.on)

    def first_day(self, facts: Mapping[str, Any]) -> date | None:
        """The first day on which it can be done, where the law names one."""
        start = facts.get(self.after, UNKNOWN)
        return None if self.opens is None or start is UNKNOWN else _of_year(start.year + self.years, self.opens)


def _of_year(year: int, day: tuple[int, int]) -> date:
    """The last of February in a year that has no 29th."""
    return date(year, day[0], min(day[1], calendar.monthrange(year, day[0])[1]))


def read_deadline(file: Path, item: CommentedMap, known: Known) -> Deadline:
    """`after: work_start, days: 28`, `before: work_start, days: 30`, or `after: tax_year_begins, on: 03-31, years: 1`. Raises `RuleFileError`."""
    start, sign = ("before", -1) if "before" in item else ("after", 1)
    reading.check_keys(file, item, needed={"id", start, "sentence", "citation"}, allowed={"days", *({"on", "years", "opens"} if start == "after" else ())})
    if ("days" in item) == ("on" in item):
        raise RuleFileError(file, reading.line_of(item), _("a deadline is so many 'days: 28' after a fact's day, or 'on: 03-31' of a year, 'years: 1' after it."))
    return Deadline(
        entries.text(file, item, "id"), fact_of(file, item, start, known, "date").key, entries.texts(file, item, "sentence"),
        entries.text(file, item, "citation"), sign * entries.whole(file, item, "days", MOST_DAYS) if "days" in item else 0,
        _month_and_day(file, item, "on"), entries.whole(file, item, "years", MOST_YEARS) if "years" in item else 0,
        _month_and_day(file, item, "opens"), reading.line_of(item, start) or 1,
    )  # fmt: skip


def _month_and_day(file: Path, item: CommentedMap, key: str) -> tuple[int, int] | None:
    if key not in item:
        return None
    found = re.fullmatch(r"(\d\d)-(\d\d)", str(item[key]))
    month, day = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(2024, month)[1]:
        raise RuleFileError(file, reading.line_of(item, key), _("'%(found)s' is no day of a year. Write month and day, as '03-31'.") % {"found": item[key]})
    return month, day
