"""Which cases a plugin's rules still need: each dated value on its first day and the day before, each condition both
ways, each status, and below, at and above each tier and cap."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from msgspec import Struct

from crm.rulebook import plans
from crm.rulebook.conditions import Condition
from crm.rulebook.estimates import Estimate, law_day
from crm.rulebook.facts import UNKNOWN, FactError
from crm.rulebook.file_errors import RuleFileError
from crm.rulebook.library import Library
from crm.rulebook.parameters import Parameter
from crm.rulebook.programs import Program
from crm.testing import cases
from crm.testing.edges import edges


class Tried(Struct, frozen=True):
    """A case that was run: the program, its facts as values, what came out."""

    program: Program
    case: dict[str, Any]
    facts: dict[str, Any]
    answer: Estimate

    @property
    def day(self) -> Any:
        return self.facts.get(self.program.date_key, UNKNOWN)

    @property
    def not_met(self) -> list[str]:
        return [outcome.condition.id for outcome in self.answer.outcomes if outcome.state == "not_met"]


def problems(library: Library, package: Path, folder: Path) -> list[str]:
    """What is wrong with the cases in `folder`, and what the rules in `package` still need: each with file and line."""
    tried: list[Tried] = []
    wrong: list[str] = []
    try:
        for name, case in cases.cases(folder):
            found = _try(library, name, case)
            if isinstance(found, Tried):
                tried.append(found)
            else:
                wrong.append(found)
    except RuleFileError as problem:
        return [str(problem)]
    programs = [program for program in library.programs.values() if program.file.is_relative_to(package)]
    parameters = [parameter for parameter in library.parameters if parameter.file.is_relative_to(package)]
    wrong += [line for program in programs for line in _of_program(library, program, tried)]
    return wrong + [line for parameter in parameters for line in _of_parameter(library, parameter, tried)]


def _try(library: Library, name: str, case: dict[str, Any]) -> Tried | str:
    try:
        cases.check(library, name, case)
    except (AssertionError, FactError) as problem:
        return f"{case['where']}: the case '{case['name']}' does not come out: {str(problem).splitlines()[0]}"
    return Tried(library.programs[name], case, cases.facts_of(library, case), cases.run(library, name, case))


def _of_program(library: Library, program: Program, tried: list[Tried]) -> Iterator[str]:
    own = [each for each in tried if each.program.id == program.id]
    for condition in program.conditions:
        yield from (f"{program.file}:{condition.line}: {program.id} needs a case {what}" for what in _of_condition(condition, own))
    days = {each.day for each in own}
    for place, status in enumerate(program.statuses):
        wanted = [status.since, *([status.since - timedelta(days=1)] if place else [])]
        for day in wanted:
            if day not in days:
                yield f"{program.file}:{status.line}: {program.id} needs a case on {day} (the status '{status.state}')"
    for what, holds in edges(program, library.parameters):
        if not any(holds(each.facts, each.case, each.day) for each in own if not each.not_met):
            yield f"{program.file}:{program.amount_line}: {program.id} needs a case {what}"


def _of_condition(condition: Condition, own: list[Tried]) -> Iterator[str]:
    met = [each for each in own if any(o.condition.id == condition.id and o.state == "met" for o in each.answer.outcomes)]
    if not met:
        yield f"in which the condition '{condition.id}' is met"
    if not any(each.not_met == [condition.id] for each in own):
        yield f"in which only the condition '{condition.id}' is not met"
    if condition.operator in {"at_least", "at_most", "between", "on_or_after", "on_or_before"}:
        limits = condition.value if isinstance(condition.value, list) else [condition.value]
        for limit in limits:
            if all(each.facts.get(condition.fact) != limit for each in met):
                yield f"in which '{condition.fact}' is just {limit} (the condition '{condition.id}')"


def _of_parameter(library: Library, parameter: Parameter, tried: list[Tried]) -> Iterator[str]:
    users = [p for p in library.programs.values() if parameter.name in plans.parameters_of(p.amount)]
    if not users:
        yield f"{parameter.file}:1: no program uses the parameter '{parameter.name}'"
        return
    own = [each for each in tried if each.program in users and not each.not_met]
    before: Any = None
    for place, (day, value, line) in enumerate(zip(parameter.days, parameter.values, parameter.lines, strict=True)):
        wanted = [day, *([day - timedelta(days=1)] if place and before is not None else [])]
        for on in wanted:
            if not any(_shows(each, parameter, on, before, value) for each in own):
                about = _changed_words(before, value)
                yield f"{parameter.file}:{line}: '{parameter.name}' needs a case on {on}{about}"
        before = value


def _shows(each: Tried, parameter: Parameter, on: date, before: Any, value: Any) -> bool:
    """Whether the case's answer rests on the parameter's value of that day."""
    if each.day != on or each.answer.status is None or law_day(each.program, on) != on:
        return False
    plan = each.program.amount
    if parameter.name == plan.get("base") and isinstance(value, dict):
        return each.facts.get(plan["base_by"]) in _changed(before, value)
    second = plan.get("second_year", {})
    if parameter.name in (second.get("base"), second.get("rate")):
        return each.facts.get(plan["base_by"]) in second["groups"]
    return parameter.name != plan.get("employer_cap") or "people" in each.case


def _changed(before: Any, value: dict[str, Any]) -> set[str]:
    """The rows of a table that are new or different; all where there was no table before."""
    old = before if isinstance(before, dict) else {}
    return {key for key in value if old.get(key) != value[key]} | {key for key in old if key not in value}


def _changed_words(before: Any, value: Any) -> str:
    return f" for one of {', '.join(sorted(_changed(before, value)))}" if isinstance(value, dict) else ""
