"""All programs at once for one hire: what each brings, and the questions that are still open, the most useful first."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from msgspec import Struct

from crm.rulebook.claimed import Earlier
from crm.rulebook.estimates import Estimate
from crm.rulebook.library import Library
from crm.rulebook.programs import Program
from crm.rulebook.remaining import estimated

FEDERAL = "US"
OPEN_ENDED = Decimal(100_000)  # what an amount without end weighs when questions are put in order


class Screening(Struct, frozen=True):
    """`questions` are the facts to ask, each once: first what most money, over all programs, still waits for."""

    estimates: tuple[Estimate, ...]
    questions: tuple[str, ...]


def programs_for(library: Library, states: Iterable[str] | None, scenarios: Iterable[str] = ()) -> list[Program]:
    """The federal programs and those of these states (of all, for None); a bill only where it is asked for by its id."""
    places = None if states is None else {FEDERAL, *states}
    found = [
        program
        for program in library.programs.values()
        if (places is None or program.jurisdiction in places) and (not program.scenario_of or program.id in set(scenarios))
    ]
    return sorted(found, key=lambda program: (program.jurisdiction != FEDERAL, program.jurisdiction, program.id))


def screen(
    library: Library, programs: Iterable[Program], facts: Mapping[str, Any], as_of: date, known: date | None = None, *,
    earlier: Earlier = Earlier(),  # noqa: B008 - it cannot be changed
) -> Screening:  # fmt: skip
    """Raises `FactError` where facts contradict each other. `earlier` is what was claimed before, which uses up limits."""
    complete = library.completed(facts)
    estimates = tuple(estimated(program, complete, as_of, known, earlier=earlier) for program in programs)
    return Screening(estimates, _questions(estimates))


def _questions(estimates: Iterable[Estimate]) -> tuple[str, ...]:
    """What a program may still bring is shared among the facts that it waits for: few questions for much money come first."""
    worth: dict[str, Decimal] = {}
    for each in estimates:
        for key in each.missing:
            worth[key] = worth.get(key, Decimal(0)) + (OPEN_ENDED if each.at_most is None else each.at_most) / len(each.missing)
    places = {key: place for place, key in enumerate(worth)}
    return tuple(sorted(worth, key=lambda key: (-worth[key], places[key])))
