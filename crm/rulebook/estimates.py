"""What a program would bring for these facts, on this day: with every step, every condition, and what is still to ask."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

from msgspec import Struct

from crm.rulebook import amounts, conditions, plans
from crm.rulebook.amounts import ZERO, Amount, Step
from crm.rulebook.conditions import Outcome
from crm.rulebook.facts import UNKNOWN
from crm.rulebook.parameters import Parameters
from crm.rulebook.programs import Deadline, Program, Status


class Due(Struct, frozen=True):
    deadline: Deadline
    day: date


class Estimate(Struct, frozen=True):
    """`amount` is what the law gives today; `potential_amount` what it would give if a lapsed law were renewed unchanged."""

    program: Program
    as_of: date
    status: Status | None
    eligible: Literal["yes", "no", "unknown"]
    amount: Decimal | None
    potential_amount: Decimal | None
    outcomes: tuple[Outcome, ...]
    missing: tuple[str, ...]
    deadlines: tuple[Due, ...]
    steps: tuple[Step, ...]
    needs_review: bool


def estimate(program: Program, parameters: Parameters, facts: Mapping[str, Any], as_of: date) -> Estimate:
    """A missing fact makes the answer unknown, never a guess. Facts that cannot change the answer any more are not asked."""
    day = facts.get(program.date_key, UNKNOWN)
    status = program.status_on(as_of if day is UNKNOWN else day)
    outcomes = tuple(
        Outcome(condition, conditions.decide(condition, facts))
        for condition in program.conditions
        if conditions.applies(condition, facts)
    )
    if any(outcome.state == "not_met" for outcome in outcomes):
        return _answer(program, as_of, status, "no", ZERO, None, outcomes, (), facts, ())
    if day is UNKNOWN:
        if all(_amount(program, parameters, facts, turn).value == ZERO for turn in _turns(program, parameters)):
            return _answer(program, as_of, status, "no", ZERO, None, outcomes, (), facts, ())
        return _answer(program, as_of, status, "unknown", None, None, outcomes, (program.date_key,), facts, ())
    if status is None or status.state == "sunset":
        return _answer(program, as_of, status, "no", ZERO, None, outcomes, (), facts, ())
    found = _amount(program, parameters, facts, law_day(program, day))
    if found.value is not None and not found.value:
        # nothing comes of it whatever the open answers are
        return _answer(program, as_of, status, "no", ZERO, None, outcomes, (), facts, found.steps)
    missing = tuple(dict.fromkeys((*_open(program, facts, outcomes), *found.missing)))
    if missing:
        return _answer(program, as_of, status, "unknown", None, None, outcomes, missing, facts, found.steps)
    lapsed = status.state != "active"
    return _answer(program, as_of, status, "yes", ZERO if lapsed else found.value, found.value if lapsed else None, outcomes,
                   (), facts, found.steps)  # fmt: skip


def _open(program: Program, facts: Mapping[str, Any], outcomes: tuple[Outcome, ...]) -> Iterator[str]:
    """The facts that conditions wait for, in their order; of one that may not apply, first whether it does."""
    yield from (outcome.condition.fact for outcome in outcomes if outcome.state == "unknown")
    for condition in program.conditions:
        if conditions.applies(condition, facts) is None and conditions.decide(condition, facts) != "met":
            yield from (key for key in condition.when if facts.get(key, UNKNOWN) is UNKNOWN)


def _amount(program: Program, parameters: Parameters, facts: Mapping[str, Any], day: date) -> Amount:
    """The amount; where it is not known which base applies, nothing if every base brings nothing, else that is asked."""
    key = program.amount.get("base_by")
    if key is None or facts.get(key, UNKNOWN) is not UNKNOWN:
        return amounts.compute(program, parameters, facts, day)
    groups = parameters[program.amount["base"]].at(day) or {}
    tried = [amounts.compute(program, parameters, {**facts, key: group}, day).value for group in groups]
    return Amount(None, (), (key,)) if any(value is None or value for value in tried) else Amount(ZERO, ())


def _turns(program: Program, parameters: Parameters) -> set[date]:
    """The days on which the law of this program changed, one way or another."""
    dated = [parameters[name].days for name in plans.parameters_of(program.amount)]
    return {status.since for status in program.statuses}.union(*dated)


def law_day(program: Program, day: date) -> date:
    """The day whose law the amount follows: of a lapsed program, the last day on which it was in force."""
    begun = [status for status in program.statuses if status.since <= day]
    active = [place for place, status in enumerate(begun) if status.state == "active"]
    if not active or active[-1] == len(begun) - 1:
        return day
    return begun[active[-1] + 1].since - timedelta(days=1)


def _answer(
    program: Program, as_of: date, status: Status | None, eligible: Literal["yes", "no", "unknown"], amount: Decimal | None,
    potential: Decimal | None, outcomes: tuple[Outcome, ...], missing: tuple[str, ...], facts: Mapping[str, Any],
    steps: tuple[Step, ...],
) -> Estimate:  # fmt: skip
    due = tuple(
        Due(deadline, facts[deadline.after] + timedelta(days=deadline.days))
        for deadline in program.deadlines
        if eligible != "no" and facts.get(deadline.after, UNKNOWN) is not UNKNOWN
    )
    review = (
        program.review_status != "verified" or any(o.condition.review_status != "verified" for o in outcomes)
        or any(step.review_status != "verified" for step in steps)
    )  # fmt: skip
    return Estimate(program, as_of, status, eligible, amount, potential, outcomes, missing, due, steps, review)
