"""The limits above one person's amount, over the claims of a plan: each as a pot of money or a count of heads that all of them share.

What was claimed before is taken off each limit that it falls under.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from msgspec import Struct

from crm.rulebook.amounts import stands
from crm.rulebook.claimed import Claimed, Used, used
from crm.rulebook.estimates import law_day
from crm.rulebook.formulas import Around, Missing, Part, facts_of
from crm.rulebook.programs import Limit, Program
from crm.rulebook.ranges import Range, exactly
from crm.rulebook.solving import Cell, Heads, Pot

BY_YEAR = ("employer_year", "all_employers_year")  # one employer gets no more than all together


class Held(Struct, frozen=True):
    """A limit of a program over some of its claims."""

    limit: Limit
    pot: Pot | None = None
    heads: Heads | None = None

    @property
    def cells(self) -> Iterable[Cell]:
        return self.pot.cells if self.pot else self.heads.head if self.heads else ()

    def holds(self, program: str, entry: int) -> bool:
        return any(cell[0] == program and cell[1] == entry for cell in self.cells)


def held(
    programs: Iterable[Program], cells: Iterable[Cell], facts: Mapping[int, Mapping[str, Any]], persons: Mapping[int, str], known: date | None,
    already: Sequence[Claimed] = (),
) -> list[Held]:  # fmt: skip
    """Every limit of these programs over the cells, which name the program, the entry and the year. `facts` and `persons` are by entry."""
    by_program: dict[str, list[Cell]] = {}
    for cell in sorted(cells):
        by_program.setdefault(cell[0], []).append(cell)
    found: list[Held] = []
    for program in programs:
        for limit in program.limits:
            for key, group in _groups(limit, by_program.get(program.id, []), persons).items():
                before = used(already, program.id, lambda each, level=limit.level, key=key: shares(level, each.year, each.person) == key)  # type: ignore[misc]
                found += _money(program, limit, group, facts, known, before)
                if limit.level != "person_lifetime":
                    found += _people(program, limit, group, facts, persons, known, before)
    return found


def full(each: Held, brings: Mapping[Cell, int]) -> bool:
    """Whether nothing more fits under a limit."""
    if each.pot is not None:
        return sum(brings.get(cell, 0) for cell in each.pot.cells) >= each.pot.most
    assert each.heads is not None
    return len({head for cell, head in each.heads.head.items() if cell in brings}) >= each.heads.most


def shares(level: str, year: int, person: str) -> int | str:
    """What claims under a limit have in common: their year, their person, or nothing more than their employer."""
    return year if level in BY_YEAR else person if level == "person_lifetime" else ""


def _groups(limit: Limit, cells: Iterable[Cell], persons: Mapping[int, str]) -> dict[int | str, list[Cell]]:
    """The cells that share a limit, by what they have in common."""
    shared: dict[int | str, list[Cell]] = {}
    for cell in cells:
        shared.setdefault(shares(limit.level, cell[2], persons[cell[1]]), []).append(cell)
    return shared


def _money(
    program: Program, limit: Limit, cells: list[Cell], facts: Mapping[int, Mapping[str, Any]], known: date | None, before: Used
) -> Iterator[Held]:
    for top, inside in _within(program, limit.most, cells, facts, known):
        yield Held(limit, pot=Pot(frozenset(inside), int(before.money_left(top) * 100)))


def _people(
    program: Program, limit: Limit, cells: list[Cell], facts: Mapping[int, Mapping[str, Any]], persons: Mapping[int, str], known: date | None, before: Used
) -> Iterator[Held]:
    """Who counts already takes no second place."""
    for top, inside in _within(program, limit.most_people, cells, facts, known):
        heads = {cell: persons[cell[1]] for cell in inside if persons[cell[1]] not in before.persons}
        yield Held(limit, heads=Heads(heads, before.people_left(int(top))))


def _within(
    program: Program, part: Part | None, cells: list[Cell], facts: Mapping[int, Mapping[str, Any]], known: date | None
) -> Iterator[tuple[Decimal, list[Cell]]]:
    """The limit with the cells under it. Where it is not the same for all of them, as where law sets another for some trades, those with
    the lesser stand under theirs and all together under the greater. A limit for which the law has no number limits nothing."""
    if part is None:
        return
    tops = {cell: found for cell in cells if (found := _most(program, part, cell, facts[cell[1]], known)) is not None}
    for value in sorted(set(tops.values())):
        yield value, [cell for cell, own in tops.items() if own <= value]


def _most(program: Program, part: Part, cell: Cell, facts: Mapping[str, Any], known: date | None) -> Decimal | None:
    return most(program, part, day_in(cell[2], facts[program.date_key]), lambda: facts, known)


def day_in(year: int, key: date) -> date:
    """The day whose law holds for what falls to a year: the date key in its own year, the first day of a later one."""
    return key if year == key.year else date(year, 1, 1)


def most(program: Program, part: Part | None, day: date, facts: Callable[[], Mapping[str, Any]], known: date | None = None) -> Decimal | None:
    """A limit on a day of the program's date key; None where the law has none. Where it waits for a fact that no one told, the least that it
    may be. `facts` are asked for only where it rests on some."""
    place = within(program, part, day, facts, known)
    return None if place is None else place.low


def within(program: Program, part: Part | None, day: date, facts: Callable[[], Mapping[str, Any]], known: date | None = None) -> Range | None:
    """The same, between the least and the most that it may be."""
    if part is None:
        return None
    around = Around(facts() if any(facts_of(part)) else {}, law_day(program, day, known), known, {})
    if not stands(part, around):
        return None
    try:
        return exactly(Decimal(part.exact(around)))
    except Missing:
        place = part.within(around)
        assert isinstance(place, Range)
        return place
