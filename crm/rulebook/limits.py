"""The limits above one person's amount, over the claims of a plan: each as a pot of money or a count of heads that all of them share."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from msgspec import Struct

from crm.rulebook.amounts import stands
from crm.rulebook.estimates import law_day
from crm.rulebook.formulas import Around, Missing, Part, facts_of
from crm.rulebook.programs import Limit, Program
from crm.rulebook.ranges import Range
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
    programs: Iterable[Program], cells: Iterable[Cell], facts: Mapping[int, Mapping[str, Any]], persons: Mapping[int, str], known: date | None
) -> list[Held]:
    """Every limit of these programs over the cells, which name the program, the entry and the year. `facts` and `persons` are by entry."""
    by_program: dict[str, list[Cell]] = {}
    for cell in sorted(cells):
        by_program.setdefault(cell[0], []).append(cell)
    found: list[Held] = []
    for program in programs:
        for limit in program.limits:
            for group in _groups(limit, by_program.get(program.id, []), persons):
                found += _money(program, limit, group, facts, known)
                if limit.level != "person_lifetime":
                    found += _people(program, limit, group, facts, persons, known)
    return found


def full(each: Held, brings: Mapping[Cell, int]) -> bool:
    """Whether nothing more fits under a limit."""
    if each.pot is not None:
        return sum(brings.get(cell, 0) for cell in each.pot.cells) >= each.pot.most
    assert each.heads is not None
    return len({head for cell, head in each.heads.head.items() if cell in brings}) >= each.heads.most


def _groups(limit: Limit, cells: Iterable[Cell], persons: Mapping[int, str]) -> Iterator[list[Cell]]:
    """The cells that share a limit: those of a year, of a person, or all."""
    shared: dict[Any, list[Cell]] = {}
    for cell in cells:
        key = cell[2] if limit.level in BY_YEAR else persons[cell[1]] if limit.level == "person_lifetime" else ""
        shared.setdefault(key, []).append(cell)
    yield from shared.values()


def _money(program: Program, limit: Limit, cells: list[Cell], facts: Mapping[int, Mapping[str, Any]], known: date | None) -> Iterator[Held]:
    for top, inside in _within(program, limit.most, cells, facts, known):
        yield Held(limit, pot=Pot(frozenset(inside), int(top * 100)))


def _people(
    program: Program, limit: Limit, cells: list[Cell], facts: Mapping[int, Mapping[str, Any]], persons: Mapping[int, str], known: date | None
) -> Iterator[Held]:
    for top, inside in _within(program, limit.most_people, cells, facts, known):
        yield Held(limit, heads=Heads({cell: persons[cell[1]] for cell in inside}, int(top)))


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
    """By the law of the year."""
    key: date = facts[program.date_key]
    return most(program, part, key if cell[2] == key.year else date(cell[2], 1, 1), lambda: facts, known)


def most(program: Program, part: Part | None, day: date, facts: Callable[[], Mapping[str, Any]], known: date | None = None) -> Decimal | None:
    """A limit on a day of the program's date key; None where the law has none. Where it waits for a fact that no one told, the least that it
    may be. `facts` are asked for only where it rests on some."""
    if part is None:
        return None
    around = Around(facts() if any(facts_of(part)) else {}, law_day(program, day, known), known, {})
    if not stands(part, around):
        return None
    try:
        return Decimal(part.exact(around))
    except Missing:
        place = part.within(around)
        assert isinstance(place, Range)
        return place.low
