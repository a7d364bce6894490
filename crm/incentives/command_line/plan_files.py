"""A hiring plan in a file, in JSON or YAML: facts of the employer, and a list of hires with what each has of its own.

An entry may stand for several alike, as `{name: Welders, people: 20, …}`. Entries of one person, as for one year and the next, have the same `person`.
What an entry says itself stands before what the employer says.

Under `already` may stand what the employer claimed before (`claimed_files`). It uses up limits.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from crm.errors import Invalid
from crm.incentives.command_line import facts_files
from crm.incentives.command_line.claimed_files import ALREADY, claims_of
from crm.rulebook.claimed import Claimed
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
    already: tuple[Claimed, ...] = ()


class _Told(Struct, frozen=True):
    """Facts as they were written, where that is for a program (`hires.2`), and for people."""

    place: str
    where: str
    facts: Mapping[str, Any]


def is_plan(told: Mapping[str, Any]) -> bool:
    return HIRES in told


def plan_of(told: Mapping[str, Any], library: Library, where: str, listed: str = "`crm rules facts`", most: int = MOST_PEOPLE) -> PlanFile:
    """Facts are complete. Raises `Invalid` with every entry, key and value that does not fit, by its place, as `hires.2.work_start`; `listed` lists the facts."""
    shared, entered = told.get(EMPLOYER) or {}, told[HIRES]
    problems: dict[str, str] = {}
    if stray := sorted(set(told) - {HIRES, EMPLOYER, ALREADY}):
        problems[stray[0]] = f"{where}: '{stray[0]}' has no place in a plan. Facts stand under 'employer:', or in each of the 'hires:'."
    if not isinstance(shared, Mapping) or not isinstance(entered, list) or not entered or not all(isinstance(item, Mapping) for item in entered):
        problem = f"{where}: a plan has 'employer:' with facts, and 'hires:', a list with the facts of each, as '- {{name: Ana, work_start: 2025-03-03}}'."
        raise Invalid(problem, fields={HIRES: problem})
    employer = _facts(_Told(EMPLOYER, f"{where}, employer", shared), library, listed, problems)
    wrong = {key: value for key, value in shared.items() if f"{EMPLOYER}.{key}" in problems}  # named once, not again for each hire
    hires: list[Hire] = []
    entries = []
    for number, item in enumerate(entered, start=1):
        name, at, place = str(item.get("name") or _("Hire %(number)s") % {"number": number}), f"{where}, hire {number}", f"{HIRES}.{number}"
        people = _people(item, at, place, problems)
        own = {key: value for key, value in item.items() if key not in OWN}
        facts = _facts(_Told(place, at, {**{key: value for key, value in shared.items() if key not in wrong}, **own}), library, listed, problems)
        if people + len(hires) > most:
            problem = f"{where}: a plan holds at most {most:,} people. Make one for each year, or for each part of the employer."
            raise Invalid(problem, fields={HIRES: problem})
        entries.append(Entry(name, tuple(range(len(hires) + 1, len(hires) + 1 + people))))
        hires += [Hire(each, facts, str(item.get("person") or "")) for each in _names(name, people)]
    already = tuple(claims_of(told.get(ALREADY) or [], library, where, problems))
    if problems:
        raise Invalid("\n".join(dict.fromkeys(problems.values())), fields=problems)
    return PlanFile(employer, tuple(hires), tuple(entries), already)


def _names(name: str, people: int) -> Iterator[str]:
    yield from ([name] if people == 1 else (f"{name} {place}" for place in range(1, people + 1)))


def _people(item: Mapping[str, Any], where: str, place: str, problems: dict[str, str]) -> int:
    told = str(item.get("people", 1))
    if not told.isdecimal() or len(told) > len(str(MOST_PEOPLE)) or not 1 <= int(told) <= MOST_PEOPLE:
        problems[f"{place}.people"] = f"{where}, people: '{told[:40]}' is no number of people. Write a whole number from 1 to {MOST_PEOPLE:,}."
        return 1
    if int(told) > 1 and item.get("person"):
        problems[f"{place}.person"] = f"{where}, person: one person does not stand for {told} people. Write one entry for each."
    return int(told)


def _facts(told: _Told, library: Library, listed: str, problems: dict[str, str]) -> Mapping[str, Any]:
    try:
        return library.completed(facts_files.facts_of(told.facts, library, told.where, listed))
    except Invalid as problem:
        problems |= {f"{told.place}.{key}": f"{told.where}, {key}: {said}" for key, said in problem.fields.items()}
        return {}
