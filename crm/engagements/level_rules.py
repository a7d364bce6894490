"""How engaged an employer is: the five levels of the Public/Private Ventures tracker, out of dated activities.

Staff log dates of engagement under a level; the score is the sum of the level values divided by the number of entries. The
source says no more: that the level which is shown is the score rounded to the nearest whole (halves up), and which activity
stands for which level, is a reading of ours that the state can change.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from msgspec import Struct

from crm.translation import lazy_

CITATION = lazy_("Public/Private Ventures, Employer Engagement Tracker, after JVS San Francisco")
SOURCE = (
    "http://www.performwell.org/index.php/find-surveyassessments/programs/education-a-training/workforce-development/"
    "employer-engagement-tracker"
)
REVIEW_STATUS = "verified"  # levels, score and benchmark; the source was seen
MAPPING_REVIEW_STATUS = "recalled"  # what counts for which level is proposed here
LEVELS = (1, 2, 3, 4, 5)
BENCHMARK = (5, Decimal("0.10"))  # at least a tenth of the employers stand at level 5


class EntryRule(Struct, frozen=True, kw_only=True):
    """From day to day, an activity of this kind with this outcome counts as a level, or not at all. Empty stands for any."""

    kind: str = ""
    outcome: str = ""
    level: int | None
    first_day: date | None = None
    last_day: date | None = None


class Score(Struct, frozen=True):
    """Entries, the sum of their levels, and what comes of it."""

    entries: int
    total: int

    @property
    def value(self) -> Decimal:
        """The sum over the number of entries, to the hundredth."""
        return (Decimal(self.total) / self.entries).quantize(Decimal("0.01"), ROUND_HALF_UP)

    @property
    def level(self) -> int:
        return int((Decimal(self.total) / self.entries).quantize(Decimal(1), ROUND_HALF_UP))


def level_of(kind: str, outcome: str, day: date, rules: Iterable[EntryRule]) -> int | None:
    """The level of one activity: the highest that a rule of its day gives it; none where a rule says that it does not count."""
    levels = [rule.level for rule in rules if _fits(rule, kind, outcome, day)]
    if not levels or None in levels:
        return None
    return max(level for level in levels if level is not None)


def _fits(rule: EntryRule, kind: str, outcome: str, day: date) -> bool:
    in_force = (rule.first_day is None or rule.first_day <= day) and (rule.last_day is None or day <= rule.last_day)
    return in_force and rule.kind in ("", kind) and rule.outcome in ("", outcome)


def score(counts: Mapping[int, int]) -> Score | None:
    """Out of how many entries there are of each level; None, which is not known, where there is no entry."""
    entries = sum(counts.values())
    return Score(entries, sum(level * count for level, count in counts.items())) if entries else None


def turns(rules: Iterable[EntryRule]) -> list[date]:
    """The days from which other rules are in force, in order: between two of them every day is alike."""
    days = {rule.first_day for rule in rules if rule.first_day} | {_next(rule.last_day) for rule in rules if rule.last_day and rule.last_day < date.max}
    return sorted(days)


def _next(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)
