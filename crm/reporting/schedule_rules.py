"""On which days a report is sent. Plain functions: a rhythm and a day in, a day out."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

from crm.days import next_working

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
MONTHS = {"monthly": 1, "quarterly": 3}  # from one report to the next; quarters begin in January


def next_run(rhythm: str, day: int, after: date) -> date:
    """The first day of the rhythm later than `after`. `day`: of the week (1 is Monday) or of the month, whose end stands for one it lacks.

    What falls on a weekend or a holiday waits for the next working day.
    """
    return next(found for found in map(next_working, _days(rhythm, day, after)) if found > after)


def _days(rhythm: str, day: int, after: date) -> Iterator[date]:
    """From a bit before `after` on."""
    if rhythm == "weekly":
        first = after - timedelta(days=after.weekday()) + timedelta(days=day - 1)
        yield from (first + timedelta(weeks=number) for number in range(3))
        return
    step = MONTHS[rhythm]
    month = (after.year * 12 + after.month - 1) // step * step - step
    for number in range(month, month + 4 * step, step):
        year, place = divmod(number, 12)
        yield date(year, place + 1, min(day, monthrange(year, place + 1)[1]))

