"""What a program would bring for these facts, on this day: with every step, every condition, and what is still to ask."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

from msgspec import Struct

from crm.rulebook import amounts, conditions, questions
from crm.rulebook.amounts import ZERO, Amount, Traced
from crm.rulebook.conditions import Outcome
from crm.rulebook.deadlines import Deadline
from crm.rulebook.facts import UNKNOWN
from crm.rulebook.formulas import Around
from crm.rulebook.programs import Program, Status
from crm.rulebook.ranges import ANY, NOTHING, WITHOUT_END

Eligible = Literal["yes", "no", "unknown"]


class Due(Struct, frozen=True):
    """A deadline's last day, and its first where the law names one."""

    deadline: Deadline
    day: date
    opens: date | None = None


class Estimate(Struct, frozen=True):
    """`amount` is what the law gives today; `potential_amount` what it would give if a lapsed law were renewed unchanged, or a bill passed.

    While facts are missing there is neither, but `at_least` and `at_most` say between what it lies; `at_most` None is without end.
    `law_of` is the day whose law it follows.
    """

    program: Program
    as_of: date
    known: date | None
    status: Status | None
    eligible: Eligible
    amount: Decimal | None
    potential_amount: Decimal | None
    at_least: Decimal
    at_most: Decimal | None
    by_year: Mapping[int, Decimal]
    outcomes: tuple[Outcome, ...]
    missing: tuple[str, ...]
    deadlines: tuple[Due, ...]
    trace: tuple[Traced, ...]
    needs_review: bool
    law_of: date


def estimate(program: Program, facts: Mapping[str, Any], as_of: date, known: date | None = None) -> Estimate:
    """A missing fact makes the answer unknown, never a guess. Facts that cannot change the answer any more are not asked.

    `known` repeats an answer as it was given on that day, with the law that was known then.
    """
    day = facts.get(program.date_key, UNKNOWN)
    status = program.status_on(as_of if day is UNKNOWN else day, known)
    answer = _Answer(program, facts, as_of, known, status)
    if day is UNKNOWN:
        around = Around(facts, as_of, known)
        outcomes = _outcomes(program, around)
        turns = program.turns
        if _nothing(program, around, turns) or _lost(program, around, turns):
            return answer.no(outcomes)
        return answer.unknown(outcomes, (program.date_key,), Amount(amounts.hull(program, facts, turns, known)))
    lawful = law_day(program, day, known)
    around = Around(facts, lawful, known)
    outcomes = _outcomes(program, around)
    if _excluded(outcomes) or (status is not None and status.state == "sunset"):
        return answer.no(outcomes)
    if status is None:
        return answer.unknown(outcomes, (), Amount(ANY)) if program.earlier == "unknown" else answer.no(outcomes)
    found = amounts.compute(program, facts, lawful, known)
    if found.within == NOTHING:
        return answer.no(outcomes, found)  # nothing comes of it whatever the open answers are
    missing = () if _settled(program, around, outcomes, found) else questions.missing(program, around)
    if missing and _lost(program, around, (lawful,)):
        return answer.no(outcomes)
    return answer.unknown(outcomes, missing, found) if missing else answer.yes(outcomes, found)


def _lost(program: Program, around: Around, days: tuple[date, ...]) -> bool:
    """Whether nothing can come of it whichever answer is given to the first open choice: one group is out for this reason, the next for that."""
    choice = questions.first_choice(program, around)
    if choice is None:
        return False
    told = ({**around.facts, choice.key: each.value} for each in choice.choices)
    return all(_nothing(program, Around(facts, around.day, around.known), days) for facts in told)


def _nothing(program: Program, around: Around, days: tuple[date, ...]) -> bool:
    """Whether a condition fails, or the amount is nothing on each of these days."""
    if _excluded(_outcomes(program, around)):
        return True
    return all(amounts.compute(program, around.facts, day, around.known).within == NOTHING for day in days)


def _outcomes(program: Program, around: Around) -> tuple[Outcome, ...]:
    return tuple(
        Outcome(condition, conditions.decide(condition, around), around.facts.get(condition.fact, UNKNOWN))
        for condition in program.conditions
        if conditions.applies(condition, around)
    )


def _settled(program: Program, around: Around, outcomes: tuple[Outcome, ...], found: Amount) -> bool:
    """Whether nothing is open, so that no question need be looked for."""
    open_conditions = any(each.state != "met" for each in outcomes) or any(conditions.applies(each, around) is None for each in program.conditions)
    return found.within.known and not open_conditions


def _excluded(outcomes: tuple[Outcome, ...]) -> bool:
    return any(outcome.state == "not_met" for outcome in outcomes)


def law_day(program: Program, day: date, known: date | None = None) -> date:
    """The day whose law the amount follows: of a lapsed program, the last day on which it was in force."""
    begun = [status for status in program.statuses if status.since <= day and (known is None or (status.known_since or status.since) <= known)]
    active = [place for place, status in enumerate(begun) if status.state == "active"]
    if not active or active[-1] == len(begun) - 1:
        return day
    return begun[active[-1] + 1].since - timedelta(days=1)


class _Answer(Struct, frozen=True):
    """Puts an estimate together."""

    program: Program
    facts: Mapping[str, Any]
    as_of: date
    known: date | None
    status: Status | None

    def no(self, outcomes: tuple[Outcome, ...], found: Amount | None = None) -> Estimate:
        return self._made("no", outcomes, found or Amount(NOTHING), ZERO, None)

    def unknown(self, outcomes: tuple[Outcome, ...], missing: tuple[str, ...], found: Amount) -> Estimate:
        return self._made("unknown", outcomes, found, None, None, missing)

    def yes(self, outcomes: tuple[Outcome, ...], found: Amount) -> Estimate:
        lapsed = self.status is not None and self.status.state != "active"
        return self._made("yes", outcomes, found, ZERO if lapsed else found.value, found.value if lapsed else None)

    def _made(
        self, eligible: Eligible, outcomes: tuple[Outcome, ...], found: Amount, amount: Decimal | None, potential: Decimal | None,
        missing: tuple[str, ...] = (),
    ) -> Estimate:  # fmt: skip
        program, high = self.program, found.within.high
        due = tuple(
            Due(deadline, day, deadline.first_day(self.facts))
            for deadline in program.deadlines
            if eligible != "no" and (day := deadline.day(self.facts)) is not None
        )
        said = [*program.claim, *program.forms, *program.notes, *([self.status] if self.status else [])]
        rests_on: list[Any] = [program, *said, *(each.condition for each in outcomes), *found.trace]
        review = any(each.review_status != "verified" for each in rests_on)
        open_ended, key = high == WITHOUT_END, self.facts.get(program.date_key, UNKNOWN)
        least = ZERO if eligible != "yes" or potential is not None else found.within.low
        return Estimate(
            program=program, as_of=self.as_of, known=self.known, status=self.status, eligible=eligible, amount=amount, potential_amount=potential,
            at_least=least, at_most=None if open_ended else high, by_year=found.by_year, outcomes=outcomes, missing=missing, deadlines=due,
            trace=found.trace, needs_review=review, law_of=self.as_of if key is UNKNOWN else law_day(program, key, self.known),
        )  # fmt: skip
