"""When an event is, in the agency's zone, and when to remind of it. Plain functions: days and clocks in, moments out."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from crm import days

REMIND_BEFORE = 2  # working days


def moment_of(day: date, clock: str, zone: str) -> datetime | None:
    """The moment at which clocks in the zone show this; None where they skip it. Where they show it twice, the first."""
    hour, minute = (int(part) for part in clock.split(":"))
    local = datetime.combine(day, time(hour, minute), ZoneInfo(zone))
    moment = local.astimezone(UTC)
    return moment if moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local.replace(tzinfo=None) else None


def clock_of(moment: datetime, zone: str) -> tuple[date, str]:
    """The day and the clock in the zone, as a form shows them."""
    local = moment.astimezone(ZoneInfo(zone))
    return local.date(), f"{local:%H:%M}"


def reminder_day(event_day: date) -> date:
    """Two working days before."""
    day, left = event_day, REMIND_BEFORE
    while left:
        day -= timedelta(days=1)
        left -= days.works(day)
    return day


class Wait(NamedTuple):
    """One who waits for places: who, and how many places."""

    guest: object
    people: int


def moves_up(waiting: Iterable[Wait], free: int) -> list[object]:
    """Who gets the free places, in the order in which they wait: one who is too many for what is left lets the next go first."""
    found = []
    for each in waiting:
        if each.people <= free:
            found.append(each.guest)
            free -= each.people
    return found
