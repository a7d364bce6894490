"""What a program brings for very many hires: the amounts of `estimates`, without the steps, the sentences and the search for what is still to ask.

A law that is lapsed or proposed counts as if it were in force on its own terms; one that ended brings nothing. Where something is not known, an answer is
more careful than an estimate's: no is said only where a condition fails, or where none is open and nothing can come of it.
"""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from msgspec import Struct

from crm.rulebook import amounts, conditions
from crm.rulebook.amounts import ZERO
from crm.rulebook.conditions import Condition
from crm.rulebook.estimates import law_day
from crm.rulebook.facts import UNKNOWN
from crm.rulebook.formulas import Around, Missing
from crm.rulebook.programs import Program


class Brief(Struct, frozen=True):
    """Whether it brings something, and how much; while that is not known, the first fact that each open condition waits for, or the amount."""

    eligible: Literal["yes", "no", "unknown"]
    amount: Decimal = ZERO
    missing: tuple[str, ...] = ()


NO = Brief("no")


class Batch:
    """One program over hires of whom no other facts than `keys` are known. What rests on other facts alone is open for all, and not tried for each."""

    def __init__(self, program: Program, keys: Collection[str]) -> None:
        self.program = program
        never = [each for each in program.conditions if each.when is None and each.asks and not each.asks & set(keys)]
        self.asked = [each for each in program.conditions if each not in never]
        self.open = tuple(dict.fromkeys(min(each.asks) if each.fact not in each.asks else each.fact for each in never))
        self.undated = Brief("unknown", missing=(program.date_key,))
        self.law: dict[date, date | Brief] = {}  # for a day of the date key: the day whose law holds, or what that day decides

    def brief(self, facts: Mapping[str, Any]) -> Brief:
        """`facts` are complete (`Library.completed`)."""
        day = facts.get(self.program.date_key, UNKNOWN)
        if day is UNKNOWN:
            return self.undated
        lawful = self.law.get(day)
        if lawful is None:
            lawful = self.law[day] = self._law_on(day)
        if isinstance(lawful, Brief):
            return lawful
        around = Around(facts, lawful, None, {})
        missing = list(self.open)
        for condition in self.asked:
            try:
                if (condition.when is None or condition.when.exact(around)) and not condition.test.exact(around):
                    return NO
            except Missing as gap:
                if (state := _state(condition, around)) == "not_met":
                    return NO
                if state == "unknown":
                    missing.append(gap.key)
        return Brief("unknown", missing=tuple(dict.fromkeys(missing))) if missing else self._amount(around)

    def _amount(self, around: Around) -> Brief:
        try:
            amount = amounts.bare(self.program, around.facts, around.day)
        except Missing as gap:
            found = amounts.total_within(self.program, amounts.places(self.program, around))
            if not found.known:
                return Brief("unknown", missing=(gap.key,))
            amount = found.low
        return Brief("yes", amount) if amount else NO

    def _law_on(self, day: date) -> date | Brief:
        status = self.program.status_on(day)
        if status is None:
            return Brief("unknown") if self.program.earlier == "unknown" else NO
        return NO if status.state == "sunset" else law_day(self.program, day)


def _state(condition: Condition, around: Around) -> str:
    """As far as the facts reach."""
    applies = conditions.applies(condition, around)
    if applies is False:
        return "met"
    state = conditions.decide(condition, around)
    return state if applies or state == "met" else "unknown"
