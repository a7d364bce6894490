"""Which facts are still to ask: only those that can change the answer or the amount, in the order of the program's file.

A fact is tried: told to be this or that, would the answer be any nearer? What stands behind an open "only if" waits until that is told.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from crm.rulebook import amounts, conditions
from crm.rulebook.facts import UNKNOWN, Fact
from crm.rulebook.formulas import Around, Choose, Part, Reckoning, Told
from crm.rulebook.programs import Program
from crm.rulebook.ranges import NO, NOTHING, YES, Options

FAR = (date(1900, 1, 1), date(2200, 1, 1))
MUCH = Decimal(1_000_000_000)


def missing(program: Program, around: Around) -> tuple[str, ...]:
    """The facts to ask for, in order; none when the answer stands."""
    asked: dict[str, Fact] = {}
    for fact in _open(program, around):
        asked.setdefault(fact.key, fact)
    return tuple(key for key, fact in asked.items() if _matters(program, around, fact, list(asked.values())))


def _matters(program: Program, around: Around, fact: Fact, others: list[Fact]) -> bool:
    """Whether it can change the answer: as things stand, or once the other open numbers are told, large or small.

    Of two unknown numbers of which one is taken off the other, neither alone brings the answer nearer.
    """
    numbers = [other for other in others if other is not fact and other.kind in {"number", "money"}]
    settings = [{}, *({other.key: _bounds(other)[end] for other in numbers} for end in (1, 0) if numbers)]
    for told in settings:
        now = _verdict(program, _told(around, told))
        if any(_verdict(program, _told(around, told | {fact.key: value})) != now for value in _tries(program, fact)):
            return True
    return False


def _told(around: Around, facts: dict[str, Any]) -> Around:
    return Around({**around.facts, **facts}, around.day, around.known)


def _verdict(program: Program, around: Around) -> Any:
    """How far the answer is: no; or which conditions are open, and where the amount lies."""
    open_conditions = []
    for condition in program.conditions:
        applies = conditions.applies(condition, around)
        if applies is False:
            continue
        state = conditions.decide(condition, around)
        if state == "not_met" and applies:
            return "no"
        if state != "met":
            open_conditions.append((condition.id, applies))
    within = amounts.compute(program, around.facts, around.day, around.known).within
    return "no" if within == NOTHING else (open_conditions, within)


def _open(program: Program, around: Around) -> Iterator[Fact]:
    """Unknown facts that the conditions and steps reach, as far as the others decide what they reach."""
    for condition in program.conditions:
        applies = conditions.applies(condition, around)
        if applies is False or conditions.decide(condition, around) == "met":
            continue
        if applies is None and condition.when is not None:
            yield from _reached(condition.when, around)
        else:
            yield from _reached(condition.test, around)
    steps = Around(around.facts, around.day, around.known, {})
    for step in program.steps:
        place = YES if step.when is None else step.when.within(steps)
        if place not in (YES, NO) and step.when is not None:
            yield from _reached(step.when, steps)
        elif place == YES:
            yield from _reached(step.formula, steps)
        steps.steps[step.name] = amounts.step_within(step, steps)


def _reached(part: Part, around: Around) -> Iterator[Fact]:
    if isinstance(part, Told):
        if around.facts.get(part.fact.key, UNKNOWN) is UNKNOWN:
            yield part.fact
        return
    if isinstance(part, Choose):
        place = part.condition.within(around)
        if isinstance(place, Options) and place.known:
            yield from _reached(part.yes if place == YES else part.no, around)
        else:
            yield from _reached(part.condition, around)
        return
    if isinstance(part, Reckoning) and part.operator == "*" and NOTHING in (part.left.within(around), part.right.within(around)):
        return
    for each in part.parts():
        yield from _reached(each, around)


def _tries(program: Program, fact: Fact) -> list[Any]:
    if fact.kind == "yes_no":
        return [True, False]
    if fact.kind == "choice":
        return [choice.value for choice in fact.choices]
    if fact.kind == "date":
        return [*FAR, *program.turns()]
    least, most = _bounds(fact)
    return [least, most, min(max(Decimal(1), least), most)]


def _bounds(fact: Fact) -> tuple[Decimal, Decimal]:
    return fact.least or Decimal(0), MUCH if fact.most is None else fact.most
