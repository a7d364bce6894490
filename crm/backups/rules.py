"""Which backups stay: the last of each day, week and month, as many as asked for."""

from collections.abc import Callable, Iterable
from datetime import date, datetime


def kept(moments: Iterable[datetime], *, days: int, weeks: int, months: int) -> set[datetime]:
    """The moments that stay. The newest always does."""
    newest_first = sorted(moments, reverse=True)
    found = set(newest_first[:1])
    spans: tuple[tuple[int, Callable[[datetime], object]], ...] = (
        (days, datetime.date), (weeks, lambda at: at.isocalendar()[:2]), (months, lambda at: (at.year, at.month)),
    )  # fmt: skip
    for count, span in spans:
        last_of_each: dict[object, datetime] = {}
        for at in newest_first:
            last_of_each.setdefault(span(at), at)
        found |= set(list(last_of_each.values())[:count])
    return found


def is_due(last: date | None, today: date) -> bool:
    return last is None or last < today
