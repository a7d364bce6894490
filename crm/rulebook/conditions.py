"""Conditions answer met, not met or unknown, each with its sentence and citation."""

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct

from crm.rulebook.facts import UNKNOWN

State = Literal["met", "not_met", "unknown"]
OPERATORS = ("is", "one_of", "at_least", "at_most", "between", "on_or_after", "on_or_before")


class Condition(Struct, frozen=True):
    """`fact` compared by `operator` with `value`; asked only where every fact of `when` has one of the values named."""

    id: str
    fact: str
    operator: str
    value: Any
    sentence: dict[str, str]
    citation: str
    when: Mapping[str, tuple[str, ...]] = {}
    review_status: str = "verified"
    line: int = 0


class Outcome(Struct, frozen=True):
    condition: Condition
    state: State


def applies(condition: Condition, facts: Mapping[str, Any]) -> bool | None:
    """Whether the condition is asked of these facts; None while that is not known."""
    answers = [facts.get(key, UNKNOWN) for key in condition.when]
    for answer, values in zip(answers, condition.when.values(), strict=True):
        if answer is not UNKNOWN and answer not in values:
            return False
    return None if UNKNOWN in answers else True


def decide(condition: Condition, facts: Mapping[str, Any]) -> State:
    value = facts.get(condition.fact, UNKNOWN)
    if value is UNKNOWN:
        return "unknown"
    return "met" if _holds(condition.operator, value, condition.value) else "not_met"


def _holds(operator: str, value: Any, wanted: Any) -> bool:
    if operator == "is":
        return bool(value == wanted)
    if operator == "one_of":
        return value in wanted
    if operator in {"at_least", "on_or_after"}:
        return bool(value >= wanted)
    if operator in {"at_most", "on_or_before"}:
        return bool(value <= wanted)
    return bool(wanted[0] <= value <= wanted[1])
