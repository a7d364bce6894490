"""Which facts are still to ask: only those that can change the answer or the amount, in the order of the program's file.

A fact is tried: told to be this or that, would the answer be any nearer? What stands behind an open "only if" waits until that is told.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from msgspec import Struct

from crm.rulebook import amounts, conditions
from crm.rulebook.comparisons import Together
from crm.rulebook.conditions import Outcome
from crm.rulebook.facts import FAR, UNKNOWN, USUAL, Fact
from crm.rulebook.formulas import Around, Choose, Part, Reckoning, Told
from crm.rulebook.programs import Program
from crm.rulebook.ranges import NO, NOTHING, YES, Options, Range


def missing(program: Program, around: Around) -> tuple[str, ...]:
    """The facts to ask for, in order; none when the answer stands."""
    asked: dict[str, Fact] = {}
    for fact in _open(program, around):
        asked.setdefault(fact.key, fact)
    judge = _Judge(program, around, list(asked.values()))
    return tuple(key for key, fact in asked.items() if judge.matters(fact))


def closing(program: Program, outcomes: Iterable[Outcome], around: Around) -> tuple[str, ...]:
    """What to ask while the day that selects the law is not known: that day, and facts of which one answer alone rules the program out on any day."""
    ends = [key for each in outcomes if each.state == "unknown" and not each.condition.turns for key in each.condition.ended_by]
    ends += [key for key, chance in program.emptied_by.items() if chance >= USUAL]
    return tuple(dict.fromkeys([program.date_key, *(key for key in ends if around.facts.get(key, UNKNOWN) is UNKNOWN)]))


def first_choice(program: Program, around: Around) -> Fact | None:
    """The first open question with answers to choose from."""
    if not program.offers_choices:
        return None
    return next((fact for fact in _open(program, around) if fact.kind == "choice"), None)


class _Judge:
    """Says of a fact whether telling it could bring the answer nearer. Only what the fact stands in is worked out anew."""

    def __init__(self, program: Program, around: Around, asked: list[Fact]) -> None:
        self.program, self.around = program, around
        self.numbers = [fact for fact in asked if fact.kind in {"number", "money"}]
        self.settings: dict[frozenset[tuple[str, Decimal]], _Setting] = {}  # by the numbers that are told in it

    def matters(self, fact: Fact) -> bool:
        own = [each for each in self.program.conditions if fact.key in each.asks]
        if own and self._decides(own, fact):
            return True
        return fact.key in self.program.rests_on[self.program.steps[-1].name] and any(self._moves(setting, fact) for setting in self._settings(fact))

    def _decides(self, own: list[conditions.Condition], fact: Fact) -> bool:
        now = [_state(condition, self.around) for condition in own]
        return any([_state(condition, _told(self.around, {fact.key: value})) for condition in own] != now for value in _tries(self.program, fact))

    def _moves(self, setting: "_Setting", fact: Fact) -> bool:
        """Whether the amount lies elsewhere once the fact is told."""
        program = self.program
        return any(
            amounts.total_within(program, amounts.places(program, _told(setting.around, {fact.key: value}), setting.steps, fact.key)) != setting.total
            for value in _tries(program, fact)
        )

    def _settings(self, fact: Fact) -> "Iterator[_Setting]":
        """As things stand, and once the other open numbers are told, large or small: of two of which one is taken off the other, neither
        alone brings the answer nearer. Where several are taken off, each shows while another one is small."""
        yield self._setting({})
        numbers = [other for other in self.numbers if other is not fact]
        large = {other.key: other.bounds[1] for other in numbers}
        if numbers:
            yield from map(self._setting, (large, {other.key: other.bounds[0] for other in numbers}))
        if len(numbers) > 1:
            yield from (self._setting(large | {other.key: other.bounds[0]}) for other in numbers)

    def _setting(self, numbers: dict[str, Decimal]) -> "_Setting":
        key = frozenset(numbers.items())
        if key not in self.settings:
            around = _told(self.around, numbers)
            steps = amounts.places(self.program, around)
            self.settings[key] = _Setting(around, steps, amounts.total_within(self.program, steps))
        return self.settings[key]


class _Setting(Struct, frozen=True):
    """Facts under which one more is tried, and where the steps and their total lie under them."""

    around: Around
    steps: dict[str, Range]
    total: Range


def _state(condition: conditions.Condition, around: Around) -> Any:
    applies = conditions.applies(condition, around)
    return applies if applies is False else (applies, conditions.decide(condition, around))


def _told(around: Around, facts: dict[str, Any]) -> Around:
    return Around({**around.facts, **facts}, around.day, around.known)


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
    if isinstance(part, Together) and part.every:  # what stands behind an open "and" waits too
        yield from next((_reached(each, around) for each in part.among if each.within(around) not in (YES, NO)), iter(()))
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
        return [*FAR, *program.turns]
    least, most = fact.bounds
    return [least, most, min(max(Decimal(1), least), most)]
