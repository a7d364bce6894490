"""What a program would bring for these facts, on this day: with every step, every condition, and what is still to ask."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

from msgspec import Struct

from crm.rulebook import amounts, conditions
from crm.rulebook.amounts import ZERO, Step
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
    if day is UNKNOWN:
        return Estimate(program, as_of, program.status_on(as_of), "unknown", None, None, (), (program.date_key,), (), (),
                        program.review_status != "verified")  # fmt: skip
    status = program.status_on(day)
    outcomes = _outcomes(program, facts)
    if status is None or status.state == "sunset" or any(outcome.state == "not_met" for outcome in outcomes):
        return _answer(program, as_of, status, "no", ZERO, None, outcomes, (), facts, ())
    found = amounts.compute(program, parameters, facts, _law_day(program, day)) if _base_known(program, facts) else None
    missing = _missing(program, facts, outcomes, found)
    if found is not None and found.value is not None and not found.value and not any(o.state == "unknown" for o in outcomes):
        missing = ()
    eligible: Literal["yes", "no", "unknown"] = "unknown" if any(o.state == "unknown" for o in outcomes) else "yes"
    value = None if found is None or found.value is None or eligible == "unknown" else found.value
    if found is not None and found.value is not None and found.value == 0:
        # nothing comes of it whatever the open answers are
        return _answer(program, as_of, status, "no", ZERO, None, outcomes, (), facts, found.steps)
    lapsed = status.state != "active"
    return _answer(program, as_of, status, eligible, ZERO if lapsed and value is not None else value,
                   value if lapsed else None, outcomes, missing, facts, found.steps if found else ())  # fmt: skip


def _outcomes(program: Program, facts: Mapping[str, Any]) -> tuple[Outcome, ...]:
    asked = [c for c in program.conditions if conditions.applies(c, facts)]
    return tuple(Outcome(condition, conditions.decide(condition, facts)) for condition in asked)


def _base_known(program: Program, facts: Mapping[str, Any]) -> bool:
    key = program.amount.get("base_by")
    return key is None or facts.get(key, UNKNOWN) is not UNKNOWN


def _law_day(program: Program, day: date) -> date:
    """The day whose law the amount follows: of a lapsed program, the last day on which it was in force."""
    in_force = [status for status in program.statuses if status.since <= day]
    if not in_force or in_force[-1].state == "active":
        return day
    was_active = any(status.state == "active" for status in in_force)
    return in_force[-1].since - timedelta(days=1) if was_active else day


def _missing(
    program: Program, facts: Mapping[str, Any], outcomes: tuple[Outcome, ...], found: amounts.Amount | None
) -> tuple[str, ...]:
    """What is still to ask, in order: the conditions that are open, then what the amount needs."""
    keys = [outcome.condition.fact for outcome in outcomes if outcome.state == "unknown"]
    if found is None:
        keys.append(program.amount["base_by"])
    else:
        keys += found.missing
    return tuple(dict.fromkeys(keys))


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
