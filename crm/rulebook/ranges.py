"""Arithmetic with what is not known: a number somewhere between two others, an answer that is one of several.

A number that no one has told lies between zero and anything. What comes of it lies in a range too, often in a narrow one:
the lesser of unknown wages and a base of 6,000 is never above 6,000, and a zero share of them is zero.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, Final

from msgspec import Struct

ZERO = Decimal(0)
WITHOUT_END: Final = Decimal("Infinity")


class Range(Struct, frozen=True):
    """All numbers from `low` to `high`, both included; `high` may be without end."""

    low: Decimal
    high: Decimal

    @property
    def known(self) -> bool:
        return self.low == self.high


ANY: Final = Range(ZERO, WITHOUT_END)
NOTHING: Final = Range(ZERO, ZERO)


def exactly(value: Decimal) -> Range:
    return Range(value, value)


def hull(parts: Iterable[Range]) -> Range:
    """The narrowest range that holds them all."""
    first, *others = parts
    low, high = first.low, first.high
    for part in others:
        low, high = min(low, part.low), max(high, part.high)
    return Range(low, high)


def plus(one: Range, other: Range) -> Range:
    return Range(one.low + other.low, one.high + other.high)


def minus(one: Range, other: Range) -> Range:
    low = -WITHOUT_END if other.high == WITHOUT_END else one.low - other.high
    return Range(low, WITHOUT_END if one.high == WITHOUT_END else one.high - other.low)


def _product(one: Decimal, other: Decimal) -> Decimal:
    return one * other if one and other else ZERO  # nothing of what has no end is nothing


def times(one: Range, other: Range) -> Range:
    if one.low >= 0 and other.low >= 0:
        return Range(_product(one.low, other.low), _product(one.high, other.high))
    return _corners(_product, one, other)


def over(one: Range, other: Range) -> Range:
    """Division by what is above zero; by what may be zero it may be anything, by nothing it is nothing."""
    if other.low <= 0:
        return NOTHING if NOTHING in (one, other) else Range(min(ZERO, one.low), WITHOUT_END)
    return _corners(lambda a, b: ZERO if b == WITHOUT_END else a / b, one, other)


def _corners(operation: Callable[[Decimal, Decimal], Decimal], one: Range, other: Range) -> Range:
    found = [operation(a, b) for a in (one.low, one.high) for b in (other.low, other.high)]
    return Range(min(found), max(found))


def least(parts: list[Range]) -> Range:
    return Range(min(part.low for part in parts), min(part.high for part in parts))


def greatest(parts: list[Range]) -> Range:
    return Range(max(part.low for part in parts), max(part.high for part in parts))


class Options(Struct, frozen=True):
    """One of several answers: of a question with yes and no, or of a choice."""

    values: frozenset[Any]

    @property
    def known(self) -> bool:
        return len(self.values) == 1


YES: Final = Options(frozenset({True}))
NO: Final = Options(frozenset({False}))
EITHER: Final = Options(frozenset({True, False}))


def answered(*values: bool) -> Options:
    return Options(frozenset(values))


def compare(operator: str, one: Range, other: Range) -> Options:
    """Whether one number stands so to another, whichever of their ranges they are."""
    holds, fails = _CERTAIN[operator]
    return YES if holds(one, other) else NO if fails(one, other) else EITHER


def _same(one: Range, other: Range) -> bool:
    return one.known and one == other


def _apart(one: Range, other: Range) -> bool:
    return one.high < other.low or one.low > other.high


Test = Callable[[Range, Range], bool]
_CERTAIN: dict[str, tuple[Test, Test]] = {  # when a comparison surely holds, and when it surely fails
    "<": (lambda one, other: one.high < other.low, lambda one, other: one.low >= other.high),
    "<=": (lambda one, other: one.high <= other.low, lambda one, other: one.low > other.high),
    ">": (lambda one, other: one.low > other.high, lambda one, other: one.high <= other.low),
    ">=": (lambda one, other: one.low >= other.high, lambda one, other: one.high < other.low),
    "==": (_same, _apart), "!=": (_apart, _same),
}  # fmt: skip


def negated(answer: Options) -> Options:
    return NO if answer == YES else YES if answer == NO else EITHER


def all_of(answers: Iterable[Options]) -> Options:
    found = YES
    for answer in answers:
        if answer == NO:
            return NO
        if answer != YES:
            found = EITHER
    return found


def any_of(answers: Iterable[Options]) -> Options:
    found = NO
    for answer in answers:
        if answer == YES:
            return YES
        if answer != NO:
            found = EITHER
    return found
