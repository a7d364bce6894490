"""A formula of law as a tree: worked out exactly, or as the range in which it lies while facts are unknown, or said in numbers.

Here are the parts that give a value; those that hold or not are in `comparisons`. Each part knows its `kind`: money, rate, number, yes_no, choice or date. `exact` gives a `Decimal`, a yes or no, a word or a day and
raises `Missing` for a fact that no one told; `within` gives a `Range` or `Options` and never fails. Formulas are read by
`formula_reading`.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import cache, cached_property
from typing import Any, Protocol

from msgspec import Struct

from crm.rulebook import ranges
from crm.rulebook.facts import UNKNOWN, Fact
from crm.rulebook.parameters import Parameter, number
from crm.rulebook.ranges import EITHER, NO, NOTHING, WITHOUT_END, YES, ZERO, Options, Range

Place = Range | Options | date | None  # where a value lies; None for a day that is not known


class Missing(Exception):
    """A formula asks for a fact that no one told."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class Around(Struct):
    """What a formula is worked out with: the facts, the steps before it, the day whose law holds and the day of knowledge."""

    facts: Mapping[str, Any]
    day: date
    known: date | None = None
    steps: dict[str, Any] = {}


class Speech(Protocol):
    """How numbers and relations are said; `kind` is money, rate or number."""

    def value(self, value: Any, kind: str) -> str: ...
    def pick(self, which: str, parts: list[str]) -> str: ...
    def tier(self, quantity: str, start: str | None, share: str) -> str: ...
    def whole(self, direction: str, part: str) -> str: ...


class Part(Struct, frozen=True):
    """A part of a formula."""

    kind: str

    def parts(self) -> "tuple[Part, ...]":
        return ()

    def laws(self) -> tuple[Parameter, ...]:
        """The numbers of law that stand in this very part."""
        return ()

    def walk(self) -> "Iterator[Part]":
        """This part and all below it, in the order in which they stand."""
        yield self
        for part in self.parts():
            yield from part.walk()

    def exact(self, around: Around) -> Any:
        raise NotImplementedError

    def within(self, around: Around) -> Place:
        raise NotImplementedError

    def said(self, around: Around, speech: Speech) -> str:
        return speech.value(self.exact(around), self.kind)


class Constant(Part, frozen=True, dict=True):
    value: Any

    def exact(self, around: Around) -> Any:
        return self.value

    @cached_property
    def place(self) -> Place:
        return place_of(self.value)

    def within(self, around: Around) -> Place:
        return self.place


class Told(Part, frozen=True):
    """A fact, and where it lies while no one told it."""

    fact: Fact
    lies: Place

    def exact(self, around: Around) -> Any:
        value = around.facts.get(self.fact.key, UNKNOWN)
        if value is UNKNOWN:
            raise Missing(self.fact.key)
        return value

    def within(self, around: Around) -> Place:
        value = around.facts.get(self.fact.key, UNKNOWN)
        return self.lies if value is UNKNOWN else place_of(value)


def told(fact: Fact) -> Told:
    """The fact as a part of a formula."""
    lies: Place = None
    if fact.kind == "choice":
        lies = Options(frozenset(choice.value for choice in fact.choices))
    elif fact.kind != "date":
        lies = EITHER if fact.kind == "yes_no" else Range(fact.least or ZERO, WITHOUT_END if fact.most is None else fact.most)
    return Told(fact.kind, fact, lies)


class Before(Part, frozen=True):
    """The result of a step before."""

    name: str

    def exact(self, around: Around) -> Any:
        return around.steps[self.name]

    def within(self, around: Around) -> Place:
        found: Place = around.steps[self.name]
        return found


class Law(Part, frozen=True):
    """A number of law on the day; zero on a day for which the law has none."""

    parameter: Parameter

    def laws(self) -> tuple[Parameter, ...]:
        return (self.parameter,)

    def exact(self, around: Around) -> Any:
        return number(self.parameter.at(around.day, around.known) or 0)

    def within(self, around: Around) -> Place:
        return place_of(self.exact(around))


class Row(Part, frozen=True):
    """The row of a table of law that a fact names; zero where the table has none."""

    parameter: Parameter
    by: Part

    def laws(self) -> tuple[Parameter, ...]:
        return (self.parameter,)

    def parts(self) -> tuple[Part, ...]:
        return (self.by,)

    def row(self, around: Around, key: Any) -> Decimal:
        return number((self.parameter.at(around.day, around.known) or {}).get(row_name(key), 0))

    def exact(self, around: Around) -> Any:
        return self.row(around, self.by.exact(around))

    def within(self, around: Around) -> Place:
        place = self.by.within(around)
        if isinstance(place, Options):
            table = self.parameter.at(around.day, around.known) or {}
            found = [number(table.get(key, 0)) for key in place.values]
            return Range(min(found), max(found))
        assert isinstance(place, Range)
        if place.known:
            return ranges.exactly(self.row(around, place.low))
        table = self.parameter.at(around.day, around.known) or {}
        return ranges.hull([NOTHING, *(ranges.exactly(number(value)) for key, value in table.items() if place.low <= Decimal(key) <= place.high)])


class Tier(Part, frozen=True):
    """What the tier gives that a quantity reaches: all of it at once, as a cliff; nothing below the first."""

    parameter: Parameter
    quantity: Part

    def laws(self) -> tuple[Parameter, ...]:
        return (self.parameter,)

    def parts(self) -> tuple[Part, ...]:
        return (self.quantity,)

    def table(self, around: Around) -> list[tuple[Decimal, Decimal]]:
        return [(number(row["from"]), number(row["is"])) for row in self.parameter.at(around.day, around.known) or []]

    def reached(self, around: Around, quantity: Decimal) -> tuple[Decimal | None, Decimal]:
        """From where the tier runs, and what it gives."""
        found = [tier for tier in self.table(around) if quantity >= tier[0]]
        return found[-1] if found else (None, ZERO)

    def exact(self, around: Around) -> Any:
        return self.reached(around, self.quantity.exact(around))[1]

    def within(self, around: Around) -> Place:
        place = self.quantity.within(around)
        assert isinstance(place, Range)
        inside = [value for start, value in self.table(around) if place.low < start <= place.high]
        return ranges.hull(ranges.exactly(value) for value in (self.reached(around, place.low)[1], *inside))

    def said(self, around: Around, speech: Speech) -> str:
        quantity = self.quantity.exact(around)
        start, value = self.reached(around, quantity)
        table = self.table(around)
        first = start if start is not None else table[0][0] if table else None
        said = speech.value(value, self.kind) if start is not None else ""
        return speech.tier(speech.value(quantity, self.quantity.kind), None if first is None else speech.value(first, self.quantity.kind), said)


RECKONED = {"+": ranges.plus, "-": ranges.minus, "*": ranges.times, "/": ranges.over}


class Reckoning(Part, frozen=True):
    """Two parts added, subtracted, multiplied or divided. Division by nothing is nothing."""

    operator: str
    left: Part
    right: Part

    def parts(self) -> tuple[Part, ...]:
        return (self.left, self.right)

    def exact(self, around: Around) -> Any:
        left = self.left.exact(around)
        if self.operator == "*" and not left:
            return ZERO  # nothing of what is not known is nothing
        right = self.right.exact(around)
        if self.operator == "+":
            return left + right
        if self.operator == "-":
            return left - right
        if self.operator == "*":
            return left * right
        return left / right if right else ZERO

    def within(self, around: Around) -> Place:
        left, right = self.left.within(around), self.right.within(around)
        assert isinstance(left, Range)
        assert isinstance(right, Range)
        return RECKONED[self.operator](left, right)

    def said(self, around: Around, speech: Speech) -> str:
        if self.operator == "+":
            for part, other in ((self.left, self.right), (self.right, self.left)):
                if not part.exact(around):
                    return other.said(around, speech)  # a term that is nothing says nothing
        sign = {"+": "+", "-": "−", "*": "×", "/": "÷"}[self.operator]
        return f"{self._inner(self.left, around, speech)} {sign} {self._inner(self.right, around, speech, last=True)}"

    def _inner(self, part: Part, around: Around, speech: Speech, *, last: bool = False) -> str:
        said = part.said(around, speech)
        loose = isinstance(part, Reckoning) and part.operator in "+-"
        return f"({said})" if loose and (self.operator in "*/" or (self.operator == "-" and last)) else said


class Pick(Part, frozen=True):
    """The least or the greatest of several."""

    which: str
    among: tuple[Part, ...]

    def parts(self) -> tuple[Part, ...]:
        return self.among

    def exact(self, around: Around) -> Any:
        values = [part.exact(around) for part in self.among]
        return min(values) if self.which == "least" else max(values)

    def within(self, around: Around) -> Place:
        places = [part.within(around) for part in self.among]
        return ranges.least(places) if self.which == "least" else ranges.greatest(places)  # type: ignore[arg-type]

    def said(self, around: Around, speech: Speech) -> str:
        return speech.pick(self.which, [part.said(around, speech) for part in self.among])


class Whole(Part, frozen=True):
    """A number without its fraction, down or up."""

    direction: str
    part: Part

    def parts(self) -> tuple[Part, ...]:
        return (self.part,)

    def _cut(self, value: Decimal) -> Decimal:
        if value == WITHOUT_END:
            return value
        return value.to_integral_value(ROUND_FLOOR if self.direction == "down" else ROUND_CEILING)

    def exact(self, around: Around) -> Any:
        return self._cut(self.part.exact(around))

    def within(self, around: Around) -> Place:
        place = self.part.within(around)
        assert isinstance(place, Range)
        return Range(self._cut(place.low), self._cut(place.high))

    def said(self, around: Around, speech: Speech) -> str:
        return speech.whole(self.direction, self.part.said(around, speech))


class Span(Part, frozen=True):
    """Full days, months or years from one day to another; nothing where the second comes first."""

    unit: str
    start: Part
    end: Part

    def parts(self) -> tuple[Part, ...]:
        return (self.start, self.end)

    def exact(self, around: Around) -> Any:
        return self._between(self.start.exact(around), self.end.exact(around))

    def _between(self, start: date, end: date) -> Decimal:
        if self.unit == "days":
            return Decimal(max(0, (end - start).days))
        months = (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)
        return Decimal(max(0, months if self.unit == "months" else months // 12))

    def within(self, around: Around) -> Place:
        start, end = self.start.within(around), self.end.within(around)
        if isinstance(start, date) and isinstance(end, date):
            return ranges.exactly(self._between(start, end))
        return ranges.ANY


class Choose(Part, frozen=True):
    """One part where something holds, another where it does not."""

    condition: Part
    yes: Part
    no: Part

    def parts(self) -> tuple[Part, ...]:
        return (self.condition, self.yes, self.no)

    def taken(self, around: Around) -> Part:
        return self.yes if self.condition.exact(around) else self.no

    def exact(self, around: Around) -> Any:
        return self.taken(around).exact(around)

    def within(self, around: Around) -> Place:
        place = self.condition.within(around)
        if isinstance(place, Options) and place.known:
            return (self.yes if place == YES else self.no).within(around)
        return ranges.hull([self.yes.within(around), self.no.within(around)])  # type: ignore[list-item]

    def said(self, around: Around, speech: Speech) -> str:
        return self.taken(around).said(around, speech)


def place_of(value: Any) -> Place:
    """Where a known value lies: there."""
    if value is True:
        return YES
    if value is False:
        return NO
    if isinstance(value, str):
        return _the_only(value)
    return value if isinstance(value, date) else ranges.exactly(value)


@cache
def _the_only(choice: str) -> Options:
    return Options(frozenset({choice}))


def row_name(key: Any) -> str:
    """What a row is called in a file: of a number its plain digits, so that 1.0 finds the row 1."""
    return f"{key.normalize():f}" if isinstance(key, Decimal) else str(key)


def facts_of(part: Part) -> Iterator[str]:
    """The facts that a formula asks for, in the order in which they stand."""
    yield from (each.fact.key for each in part.walk() if isinstance(each, Told))


def laws_of(part: Part) -> Iterator[Parameter]:
    """The parameters that a formula rests on."""
    for each in part.walk():
        yield from each.laws()
