"""A hiring plan in a file, in JSON or YAML: facts of the employer, and a list of hires with what each has of its own.

An entry may stand for several alike, as `{name: Welders, people: 20, …}`. Entries of one person, as for one year and the next, have the same `person`.
What an entry says itself stands before what the employer says.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from crm.errors import Invalid
from crm.incentives import facts_files
from crm.rulebook.hiring import Hire
from crm.rulebook.library import Library
from crm.translation import _

HIRES, EMPLOYER = "hires", "employer"
OWN = ("name", "people", "person")  # of an entry, beside its facts
MOST_PEOPLE = 1000


class Entry(Struct, frozen=True):
    """What one line of the plan says, and the hires that it stands for, by their places."""

    name: str
    places: tuple[int, ...]


class PlanFile(Struct, frozen=True):
    employer: Mapping[str, Any]
    hires: tuple[Hire, ...]
    entries: tuple[Entry, ...]


def is_plan(told: Mapping[str, Any]) -> bool:
    return HIRES in told


def plan_of(told: Mapping[str, Any], library: Library, where: str) -> PlanFile:
    """Facts are complete. Raises `Invalid` with every entry, key and value that does not fit."""
    shared, listed = told.get(EMPLOYER) or {}, told[HIRES]
    problems: list[str] = []
    if stray := sorted(set(told) - {HIRES, EMPLOYER}):
        problems.append(f"{where}: '{stray[0]}' has no place in a plan. Facts stand under 'employer:', or in each of the 'hires:'.")
    if not isinstance(shared, Mapping) or not isinstance(listed, list) or not listed or not all(isinstance(item, Mapping) for item in listed):
        raise Invalid(f"{where}: a plan has 'employer:' with facts, and 'hires:', a list with the facts of each, as '- {{name: Ana, work_start: 2025-03-03}}'.")
    employer = _facts(shared, library, f"{where}, employer", problems)
    hires: list[Hire] = []
    entries = []
    for number, item in enumerate(listed, start=1):
        name, at = str(item.get("name") or _("Hire %(number)s") % {"number": number}), f"{where}, hire {number}"
        people = _people(item, at, problems)
        facts = _facts({**shared, **{key: value for key, value in item.items() if key not in OWN}}, library, at, problems)
        if people + len(hires) > MOST_PEOPLE:
            raise Invalid(f"{where}: a plan holds at most {MOST_PEOPLE:,} people. Make one for each year.")
        entries.append(Entry(name, tuple(range(len(hires) + 1, len(hires) + 1 + people))))
        hires += [Hire(each, facts, str(item.get("person") or "")) for each in _names(name, people)]
    if problems:
        raise Invalid("\n".join(dict.fromkeys(problems)))
    return PlanFile(employer, tuple(hires), tuple(entries))


def _names(name: str, people: int) -> Iterator[str]:
    yield from ([name] if people == 1 else (f"{name} {place}" for place in range(1, people + 1)))


def _people(item: Mapping[str, Any], where: str, problems: list[str]) -> int:
    told = str(item.get("people", 1))
    if not told.isdecimal() or not 1 <= int(told) <= MOST_PEOPLE:
        problems.append(f"{where}, people: '{told}' is no number of people. Write a whole number from 1 to {MOST_PEOPLE:,}.")
        return 1
    if int(told) > 1 and item.get("person"):
        problems.append(f"{where}, person: one person does not stand for {told} people. Write one entry for each.")
    return int(told)


def _facts(told: Mapping[str, Any], library: Library, where: str, problems: list[str]) -> Mapping[str, Any]:
    try:
        return library.completed(facts_files.facts_of(told, library, where))
    except Invalid as problem:
        problems += str(problem).split("\n")
        return {}
