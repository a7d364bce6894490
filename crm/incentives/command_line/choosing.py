"""Which programs someone asks about, by their ids or by states."""

from collections.abc import Iterable

from crm.errors import Invalid
from crm.rulebook import reading, screening
from crm.rulebook.library import Library
from crm.rulebook.programs import Program
from crm.states import state_code


def chosen(library: Library, ids: Iterable[str], states: Iterable[str]) -> list[Program]:
    """The programs of these ids; without any, the federal ones and those of these states, or of all. Raises `Invalid`."""
    ids, states = list(dict.fromkeys(ids)), list(states)
    for name in ids:
        if name not in library.programs:
            problem = f"There is no program '{name}'. {reading.meant(name, library.programs)}"
            raise Invalid(problem, fields={"programs": problem})
    if ids:
        return [library.programs[name] for name in ids]
    codes = [state_code(state) for state in states]
    for state, code in zip(states, codes, strict=True):
        if not code:
            problem = f"'{state}' is no state. Write its name or its two letters, as MA."
            raise Invalid(problem, fields={"states": problem})
    return screening.programs_for(library, codes or None)
