"""A hire as a strip of time: periods with their hours and wages, from which the facts of law follow, and over which a credit is spread by year.

A period that lies over a boundary (a year of work, a tax year) is divided by its calendar days, and the answer says so: only a period that
ends at the boundary is exact.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from msgspec import Struct

from crm.rulebook.amounts import rounded

ZERO = Decimal("0.00")
DAY = timedelta(days=1)


class Period(Struct, frozen=True):
    """Hours and wages, in dollars and cents, from the first day to the last, both included; `trained` where federal training money pays a part."""

    first_day: date
    last_day: date
    hours: Decimal
    wages: Decimal
    trained: bool = False


class StripError(ValueError):
    """A strip that cannot be: what is wrong, in words."""


class Strip(Struct, frozen=True):
    """The periods in the order of time. `divided` says whether one was divided by its days."""

    periods: tuple[Period, ...]
    divided: bool = False


def strip(periods: Iterable[Period]) -> Strip:
    """Raises `StripError` for periods that end before they begin, overlap, or hold less than nothing."""
    found = sorted(periods, key=lambda period: period.first_day)
    for period in found:
        if period.last_day < period.first_day:
            raise StripError(f"a period ends on {period.last_day}, before it begins on {period.first_day}.")
        if period.hours < 0 or period.wages < 0:
            raise StripError(f"the period from {period.first_day} has {period.hours} hours and {period.wages} in wages; neither is below zero.")
        if period.hours > 24 * ((period.last_day - period.first_day).days + 1):
            raise StripError(f"the period from {period.first_day} to {period.last_day} has {period.hours} hours, more than its days have.")
    for before, after in zip(found, found[1:], strict=False):
        if after.first_day <= before.last_day:
            raise StripError(f"two periods hold {after.first_day}: no hour counts twice. End the first on the day before.")
    return Strip(tuple(found))


def anniversary(day: date, years: int) -> date:
    """The same day of a later year; of 29 February, where there is none, 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def cut(whole: Strip, days: Iterable[date]) -> Strip:
    """The strip with periods that end before each of these days."""
    periods, divided = list(whole.periods), whole.divided
    for day in sorted(set(days)):
        parts: list[Period] = []
        for period in periods:
            if period.first_day < day <= period.last_day:
                parts += _divided(period, day)
                divided = True
            else:
                parts.append(period)
        periods = parts
    return Strip(tuple(periods), divided)


def _divided(period: Period, day: date) -> list[Period]:
    """By calendar days; no cent and no hundredth of an hour is lost."""
    share = Decimal((day - period.first_day).days) / Decimal((period.last_day - period.first_day).days + 1)
    hours, wages = rounded(period.hours * share), rounded(period.wages * share)
    return [
        Period(period.first_day, day - DAY, hours, wages, period.trained),
        Period(day, period.last_day, period.hours - hours, period.wages - wages, period.trained),
    ]


def within(whole: Strip, first: date, end: date) -> tuple[Period, ...]:
    """The periods from a day to the day before another; the strip is cut there."""
    return tuple(period for period in cut(whole, [first, end]).periods if first <= period.first_day < end)


def hours_of(periods: Sequence[Period]) -> Decimal:
    return sum((period.hours for period in periods), Decimal(0))


def wages_of(periods: Sequence[Period]) -> Decimal:
    return sum((period.wages for period in periods), ZERO)


def facts_of(whole: Strip, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What follows from the strip: hours and wages of the years of work and of the tax year, as far as their first days are known."""
    found: dict[str, Any] = {}
    start = facts.get("work_start")
    if isinstance(start, date):
        if whole.periods and whole.periods[0].first_day < start:
            raise StripError(f"the first period begins on {whole.periods[0].first_day}, before work begins on {start}.")
        first = within(whole, start, anniversary(start, 1))
        found |= {"first_year_hours": hours_of(first), "first_year_wages": wages_of(first)}
        found["second_year_wages"] = wages_of(within(whole, anniversary(start, 1), anniversary(start, 2)))
    begins = facts.get("tax_year_begins")
    if isinstance(begins, date):
        year = within(whole, begins, anniversary(begins, 1))
        found |= {"tax_year_hours": hours_of(year), "tax_year_wages": wages_of(year)}
    return found


def by_tax_year(amount: Decimal, counted: Decimal, periods: Sequence[Period], turns: Sequence[date]) -> dict[date, Decimal]:
    """An amount spread over tax years, by their first days: the counted dollars are used up in the order of time, in periods that training did not pay.

    The shares add up to the amount. Empty where nothing was counted.
    """
    used: dict[date, Decimal] = {}
    left = counted
    for period in cut(Strip(tuple(periods)), turns).periods:
        if period.trained or left <= 0:
            continue
        year = max((turn for turn in turns if turn <= period.first_day), default=None)
        if year is None:
            raise StripError(f"no tax year is named that holds {period.first_day}.")
        took = min(left, period.wages)
        used[year], left = used.get(year, ZERO) + took, left - took
    total = sum(used.values(), ZERO)
    shares: dict[date, Decimal] = {}
    exact, given = Decimal(0), ZERO
    for year in sorted(used):
        exact += used[year]
        upto = rounded(amount * exact / total) if total else ZERO
        shares[year], given = upto - given, upto
    return shares
