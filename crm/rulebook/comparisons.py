"""The parts of a formula that hold or do not: what is compared, is one of a list, stands in the law, and these put together.

`exact` gives a yes or no, `within` the answers that are still possible; see `formulas`.
"""

import operator
from datetime import date
from typing import Any

from crm.rulebook import ranges
from crm.rulebook.formulas import Around, Part, Place, place_of
from crm.rulebook.parameters import Parameter
from crm.rulebook.ranges import EITHER, NO, YES, Options, Range

COMPARED = {"==": operator.eq, "!=": operator.ne, ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}


class Comparison(Part, frozen=True):
    """Whether one part is under, over or the same as another."""

    operator: str
    left: Part
    right: Part

    def parts(self) -> tuple[Part, ...]:
        return (self.left, self.right)

    def exact(self, around: Around) -> bool:
        return bool(COMPARED[self.operator](self.left.exact(around), self.right.exact(around)))

    def within(self, around: Around) -> Place:
        left, right = self.left.within(around), self.right.within(around)
        if isinstance(left, Range) and isinstance(right, Range):
            return ranges.compare(self.operator, left, right)
        if isinstance(left, Options) and isinstance(right, Options):
            same = EITHER if left.values & right.values else NO
            same = YES if left.known and left == right else same
            return same if self.operator == "==" else ranges.negated(same)
        if isinstance(left, date) and isinstance(right, date):
            return place_of(self.exact(around))
        return EITHER


class OneOf(Part, frozen=True):
    """Whether a word or number is one of a list; `among` is the list itself or a list of law."""

    part: Part
    among: tuple[Any, ...] | Parameter

    def parts(self) -> tuple[Part, ...]:
        return (self.part,)

    def laws(self) -> tuple[Parameter, ...]:
        return (self.among,) if isinstance(self.among, Parameter) else ()

    def listed(self, around: Around) -> tuple[Any, ...]:
        return tuple(self.among.at(around.day, around.known) or ()) if isinstance(self.among, Parameter) else self.among

    def exact(self, around: Around) -> bool:
        return self.part.exact(around) in self.listed(around)

    def within(self, around: Around) -> Place:
        place = self.part.within(around)
        if isinstance(place, Options):
            listed = self.listed(around)
            return NO if place.values.isdisjoint(listed) else YES if place.values.issubset(listed) else EITHER
        if isinstance(place, Range) and place.known:
            return place_of(place.low in self.listed(around))
        return EITHER


class Exists(Part, frozen=True):
    """Whether the law has a number on the day."""

    parameter: Parameter

    def laws(self) -> tuple[Parameter, ...]:
        return (self.parameter,)

    def exact(self, around: Around) -> bool:
        return self.parameter.at(around.day, around.known) is not None

    def within(self, around: Around) -> Place:
        return place_of(self.exact(around))


class Together(Part, frozen=True):
    """Whether all hold, or any does."""

    every: bool
    among: tuple[Part, ...]

    def parts(self) -> tuple[Part, ...]:
        return self.among

    def exact(self, around: Around) -> bool:
        return all(part.exact(around) for part in self.among) if self.every else any(part.exact(around) for part in self.among)

    def within(self, around: Around) -> Place:
        places = (part.within(around) for part in self.among)
        return ranges.all_of(places) if self.every else ranges.any_of(places)  # type: ignore[arg-type]


class Not(Part, frozen=True):
    part: Part

    def parts(self) -> tuple[Part, ...]:
        return (self.part,)

    def exact(self, around: Around) -> bool:
        return not self.part.exact(around)

    def within(self, around: Around) -> Place:
        place = self.part.within(around)
        assert isinstance(place, Options)
        return ranges.negated(place)
