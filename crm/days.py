"""Which day it is for the agency, wherever its servers stand, and on which days it works."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from crm import holidays
from crm.translation import _

WEEKEND = 5  # Saturday, as `weekday` counts
_zone = ["UTC"]
_closed: set[date] = set()


def start(zone: str, closed: Collection[date] = ()) -> None:
    """Keep the agency's zone, and the days on which it is closed besides. Called at start."""
    _zone[:] = [zone]
    _closed.clear()
    _closed.update(closed)


def agency_today() -> date:
    return datetime.now(ZoneInfo(_zone[0])).date()


def agency_day(moment: datetime) -> date:
    """The agency's day at a moment, for what says on which day something was done."""
    return moment.astimezone(ZoneInfo(_zone[0])).date()


def holiday(day: date) -> str:
    """Why no one works on it, though it is no weekend; empty where they do."""
    found = holidays.observed_in(day.year).get(day, "")
    return _(found) or (_("a day on which we are closed") if day in _closed else "")


def works(day: date) -> bool:
    """True unless it is a weekend, a legal public holiday, or a day on which the agency is closed."""
    return day.weekday() < WEEKEND and day not in holidays.observed_in(day.year) and day not in _closed


def next_working(day: date) -> date:
    """The day itself, or the first after it on which one works."""
    while not works(day):
        day += timedelta(days=1)
    return day


def closings(first: date, last: date) -> list[str]:
    """What is between two days, both with it, on which no one works and that is no weekend; in order, each once."""
    found = (holiday(first + timedelta(days=number)) for number in range((last - first).days + 1) if (first + timedelta(days=number)).weekday() < WEEKEND)
    return list(dict.fromkeys(filter(None, found)))
