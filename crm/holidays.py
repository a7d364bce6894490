"""The legal public holidays of the United States, and the days on which they are observed."""

from calendar import monthrange
from datetime import date, timedelta
from functools import cache

from msgspec import Struct

from crm.translation import lazy_

# The list and the rule of observance as federal courts print them (okwb.uscourts.gov/holidays, ca6.uscourts.gov/federal-holidays, read in
# November 2026); the text of the law itself was not at hand.
CITATIONS = ("5 U.S.C. § 6103(a), (b)", "Executive Order 11582 (1971)")
REVIEW_STATUS = "second_hand"
MONDAY, THURSDAY = 0, 3


class Holiday(Struct, frozen=True):
    """One a year: on a day of the month, or on the so-many-th weekday of it, from its first year on; -1 is the last."""

    name: str
    month: int
    day: int = 0
    weekday: int = 0
    place: int = 0
    since: int = 0

    def on(self, year: int) -> date:
        if self.day:
            return date(year, self.month, self.day)
        if self.place > 0:
            first = date(year, self.month, 1)
            return first + timedelta(days=(self.weekday - first.weekday()) % 7, weeks=self.place - 1)
        last = date(year, self.month, monthrange(year, self.month)[1])
        return last - timedelta(days=(last.weekday() - self.weekday) % 7)

    def observed(self, year: int) -> date:
        """The day itself; the Friday before where it is a Saturday, the Monday after where it is a Sunday."""
        day = self.on(year)
        return day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0))


FEDERAL = (
    Holiday(lazy_("New Year's Day"), 1, 1),
    Holiday(lazy_("Birthday of Martin Luther King, Jr."), 1, weekday=MONDAY, place=3),
    Holiday(lazy_("Washington's Birthday"), 2, weekday=MONDAY, place=3),
    Holiday(lazy_("Memorial Day"), 5, weekday=MONDAY, place=-1),
    Holiday(lazy_("Juneteenth National Independence Day"), 6, 19, since=2021),
    Holiday(lazy_("Independence Day"), 7, 4),
    Holiday(lazy_("Labor Day"), 9, weekday=MONDAY, place=1),
    Holiday(lazy_("Columbus Day"), 10, weekday=MONDAY, place=2),
    Holiday(lazy_("Veterans Day"), 11, 11),
    Holiday(lazy_("Thanksgiving Day"), 11, weekday=THURSDAY, place=4),
    Holiday(lazy_("Christmas Day"), 12, 25),
)


@cache
def observed_in(year: int) -> dict[date, str]:
    """The days of a year on which one is observed, and which; the New Year's Day of the next may be the last of December."""
    found = {each.observed(of): each.name for of in (year, year + 1) for each in FEDERAL if of >= each.since}
    return {day: name for day, name in found.items() if day.year == year}
