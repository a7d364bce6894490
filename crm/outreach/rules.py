"""Words with fields, and the days and hours at which one writes. Plain functions: values and a moment in, words and moments out."""

import re
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from crm import days

FIELDS = ("first_name", "last_name", "employer", "city", "board", "sender")
EVENT_FIELDS = ("event", "when", "where", "rsvp")  # in a mailing to the guests of an event
EXAMPLE = {"first_name": "Ana", "last_name": "Reyes", "employer": "Harborview Bakery", "city": "Worcester", "board": "Central", "sender": "Alice",
           "event": "Career fair", "when": "…", "where": "1 Court Square", "rsvp": "…"}  # fmt: skip
_FIELD = re.compile(r"\{(\w+)\}")
FIRST_HOUR, LAST_HOUR = 8, 18  # mailings leave on working days from eight to six


def fields_in(*texts: str) -> set[str]:
    return {name for text in texts for name in _FIELD.findall(text)}


def unknown_fields(*texts: str, known: Collection[str] = (*FIELDS, *EVENT_FIELDS)) -> list[str]:
    """Names in braces that are no fields, in the order of the alphabet."""
    return sorted(fields_in(*texts) - set(known))


def missing_fields(values: Mapping[str, str], *texts: str) -> list[str]:
    """The fields that the texts use and that have no value."""
    return sorted(name for name in fields_in(*texts) if not values.get(name, "").strip())


def filled(text: str, values: Mapping[str, str]) -> str:
    """Names, never expressions: a value that looks like a field stays as it is."""
    return _FIELD.sub(lambda match: values.get(match[1], match[0]), text)


def is_open(now: datetime, zone: str) -> bool:
    local = now.astimezone(ZoneInfo(zone))
    return days.works(local.date()) and FIRST_HOUR <= local.hour < LAST_HOUR


def next_opening(now: datetime, zone: str) -> datetime:
    """The next moment at which mailings may leave; now, where they may."""
    local = now.astimezone(ZoneInfo(zone))
    if is_open(now, zone):
        return now
    day = days.next_working(local.date() + timedelta(days=local.hour >= FIRST_HOUR))
    return datetime(day.year, day.month, day.day, FIRST_HOUR, tzinfo=ZoneInfo(zone))


def closed_until(now: datetime, then: datetime, zone: str) -> list[str]:
    """The holidays for which what is due then waits, today's with them; weekends are no news."""
    first, last = (each.astimezone(ZoneInfo(zone)).date() for each in (now, then))
    return days.closings(first, max(first, last))


def due_at(now: datetime, wait_days: int, zone: str) -> datetime:
    """The opening of the day so many working days on; the next moment that is open, where there is no wait."""
    if not wait_days:
        return next_opening(now, zone)
    day = now.astimezone(ZoneInfo(zone)).date()
    while wait_days:
        day += timedelta(days=1)
        wait_days -= days.works(day)
    return datetime(day.year, day.month, day.day, FIRST_HOUR, tzinfo=ZoneInfo(zone))
