"""What a program would bring for these facts, on this day: with every step, every condition, and what is still to ask."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

from msgspec import Struct

from crm.rulebook import amounts, conditions, questions
from crm.rulebook.amounts import ZERO, Amount, Traced
from crm.rulebook.conditions import Condition, Outcome
from crm.rulebook.deadlines import Deadline
from crm.rulebook.facts import UNKNOWN
from crm.rulebook.formulas import Around
from crm.rulebook.programs import Limit, Program, Status
from crm.rulebook.ranges import ANY, NOTHING, WITHOUT_END, Range, hull

Eligible = Literal["yes", "no", "unknown"]


class Due(Struct, frozen=True):
    """A deadline's last day, and its first where the law names one."""

    deadline: Deadline
    day: date
    opens: date | None = None


class Left(Struct, frozen=True):
    """A limit of a program, in money or in `people`, before one claim: the most that it allows in the `year` (None for all years), what is known to be
    used of it and whether there is `more` of which that is not known, and what is left. `cut` is what it takes off the amount.

    `told`: whether someone said what was claimed before, if only that it was nothing. `limit` is None where the program gave this person that year before.
    """

    limit: Limit | None
    year: int | None
    people: bool
    most: Range
    used: Decimal
    more: bool
    left: Range
    cut: Decimal
    told: bool


class Estimate(Struct, frozen=True):
    """`amount` is what the law gives today; `potential_amount` what it would give if a lapsed law were renewed unchanged, or a bill passed.

    While facts are missing there is neither, but `at_least` and `at_most` say between what it lies; `at_most` None is without end.
    `law_of` is the day whose law it follows. `left` and `before_limits` are what `remaining` says of the limits above one person's amount.
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
    left: tuple[Left, ...] = ()
    before_limits: Decimal | None = None


def estimate(program: Program, facts: Mapping[str, Any], as_of: date, known: date | None = None) -> Estimate:
    """A missing fact makes the answer unknown, never a guess. Facts that cannot change the answer any more are not asked.

    `known` repeats an answer as it was given on that day, with the law that was known then.
    """
    day = facts.get(program.date_key, UNKNOWN)
    status = program.status_on(as_of if day is UNKNOWN else day, known)
    answer = _Answer(program, facts, as_of, known, status)
    if day is UNKNOWN:
        return _on_any_day(answer)
    lawful = law_day(program, day, known)
    around = Around(facts, lawful, known)
    outcomes, hanging = _judged(program, around)
    if _excluded(outcomes) or (status is not None and status.state == "sunset"):
        return answer.no(outcomes)
    if status is None:
        return answer.unknown(outcomes, (), Amount(ANY)) if program.earlier == "unknown" else answer.no(outcomes)
    found = amounts.compute(program, facts, lawful, known)
    if found.within == NOTHING:
        return answer.no(outcomes, found)  # nothing comes of it whatever the open answers are
    settled = found.within.known and not hanging and all(each.state == "met" for each in outcomes)
    missing = () if settled else questions.missing(program, around)
    if missing and _lost(program, [around]):
        return answer.no(outcomes)
    return answer.unknown(outcomes, missing, found) if missing else answer.yes(outcomes, found)


class AnyLaw(Struct, frozen=True):
    """What becomes of a program whichever law holds: whether it is out, what became of its conditions, where its amount lies, and what to ask."""

    out: bool
    outcomes: tuple[Outcome, ...]
    lies: Range = NOTHING
    missing: tuple[str, ...] = ()


def _on_any_day(answer: "_Answer") -> Estimate:
    """While the day that selects the law is not known: no only where it is no on each day, whichever law holds."""
    program, facts, known = answer.program, answer.facts, answer.known
    untold = known is None and all(facts.get(key, UNKNOWN) is UNKNOWN for key in program.facts)
    found = program.untold if untold else under_any_law(program, facts, known)
    if found.out:
        return answer.no(found.outcomes)
    ended = answer.status is not None and answer.status.state == "sunset"
    return answer.unknown(found.outcomes, (program.date_key,) if ended else found.missing, Amount(found.lies))


def under_any_law(program: Program, facts: Mapping[str, Any], known: date | None) -> AnyLaw:
    days = [Around(facts, day, known) for day in program.versions]
    outcomes = tuple(found for condition in program.conditions if (found := _on_all(condition, days)) is not None)
    if _excluded(outcomes):
        return AnyLaw(True, outcomes)
    places = [amounts.lies(program, around) for around in days]
    turning = [condition for condition in program.conditions if condition.turns]
    if all(place == NOTHING or _fails(turning, around) for around, place in zip(days, places, strict=True)) or _lost(program, days):
        return AnyLaw(True, outcomes)
    return AnyLaw(False, outcomes, hull([NOTHING, *places]), questions.closing(program, outcomes, days[-1]))


def _on_all(condition: Condition, days: list[Around]) -> Outcome | None:
    """What becomes of the condition on all these days; None where it is asked on none."""
    asked, states = set(), set()
    for around in days if condition.turns else days[:1]:
        applies = conditions.applies(condition, around)
        asked.add(applies)
        if applies is not False:
            states.add(conditions.decide(condition, around))
    if True not in asked:
        return None
    sure = asked == {True} and len(states) == 1
    return Outcome(condition, states.pop() if sure else "unknown", days[0].facts.get(condition.fact, UNKNOWN))


def _lost(program: Program, days: Sequence[Around]) -> bool:
    """Whether nothing can come of it on any of these days whichever answer is given to the first open choice: one group is out for this reason,
    the next for that."""
    choice = questions.first_choice(program, days[-1])
    if choice is None:
        return False
    told = [{**days[-1].facts, choice.key: each.value} for each in choice.choices]
    return all(_nothing(program, Around(facts, around.day, around.known)) for facts in told for around in days)


def _nothing(program: Program, around: Around) -> bool:
    """Whether a condition fails, or the amount is nothing."""
    return _fails(program.conditions, around) or amounts.lies(program, around) == NOTHING


def _fails(asked: Iterable[Condition], around: Around) -> bool:
    return any(conditions.applies(each, around) and conditions.decide(each, around) == "not_met" for each in asked)


def _judged(program: Program, around: Around) -> tuple[tuple[Outcome, ...], bool]:
    """What becomes of the conditions that are asked, and whether of others it is not known if they are."""
    outcomes, hanging = [], False
    for condition in program.conditions:
        applies = conditions.applies(condition, around)
        if applies:
            outcomes.append(Outcome(condition, conditions.decide(condition, around), around.facts.get(condition.fact, UNKNOWN)))
        hanging = hanging or applies is None
    return tuple(outcomes), hanging


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
