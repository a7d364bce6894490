"""What may be counted, and how a drive does by day. Plain functions: numbers and a date in, findings out."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

STEPS = ("matched", "started", "completed")


class Totals(NamedTuple):
    """Slots of a pledge: promised, and how far they came. Each is at most the one before."""

    slots: int
    matched: int = 0
    started: int = 0
    completed: int = 0


class TooMany(NamedTuple):
    """More slots at a step than at the step before; `least` when fewer than none."""

    step: str
    would_be: int
    most: int


def check_totals(totals: Totals) -> TooMany | None:
    """The first step that has more than the one before, or less than nothing."""
    for name, count, before in zip(STEPS, totals[1:], totals, strict=False):
        if count > before or count < 0:
            return TooMany(name, count, before)
    return None


class Pace(NamedTuple):
    """A drive on a day: which day of how many, the slots so far, and what an even pace would have brought."""

    day: int
    days: int
    pledged: int
    expected: int
    goal: int

    @property
    def ahead(self) -> int:
        return self.pledged - self.expected


def pace(first_day: date, last_day: date, goal: int, pledged: int, today: date) -> Pace:
    """Before its first day nothing is expected; from its last day on, all."""
    days = (last_day - first_day).days + 1
    day = min(max((today - first_day).days + 1, 0), days)
    return Pace(day, days, pledged, goal * day // days, goal)


class Week(NamedTuple):
    """A week of a drive: what it brought, all until its end, and what an even pace would have brought by then."""

    first_day: date
    last_day: date
    brought: int
    until: int
    expected: int


def weeks(first_day: date, last_day: date, goal: int, by_day: Mapping[date, int], today: date) -> list[Week]:
    """Week by week until today. What was promised before the first day counts in the first week, what came late in the last."""
    found: list[Week] = []
    begin, end = first_day, min(last_day, today)
    while begin <= end:
        close = min(begin + timedelta(days=6), last_day)
        after, until = (date.min if begin == first_day else begin), (date.max if close == last_day else close)
        brought = sum(slots for day, slots in by_day.items() if after <= day <= until)
        total = brought + (found[-1].until if found else 0)
        found.append(Week(begin, close, brought, total, pace(first_day, last_day, goal, 0, min(close, today)).expected))
        begin = close + timedelta(days=1)
    return found
