"""All programs at once for one hire: what each brings, and the questions that are still open, the most useful first."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from msgspec import Struct

from crm.rulebook.claimed import Earlier
from crm.rulebook.estimates import Estimate
from crm.rulebook.library import Library
from crm.rulebook.ordering import ordered
from crm.rulebook.programs import Program
from crm.rulebook.remaining import estimated

FEDERAL = "US"


class Screening(Struct, frozen=True):
    """`questions` are the facts to ask, each once: first what is likely to settle the most programs."""

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
    return Screening(estimates, tuple(ordered(estimates, library.facts)))
