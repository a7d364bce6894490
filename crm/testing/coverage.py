"""Which cases a plugin's rules still need: each dated value on its first day and the day before, each condition both
ways, each status, and below, at and above each tier and cap."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from msgspec import Struct

from crm.rulebook.conditions import Condition
from crm.rulebook.estimates import Estimate, law_day
from crm.rulebook.facts import UNKNOWN, FactError
from crm.rulebook.file_errors import RuleFileError
from crm.rulebook.formulas import Around, Choose, Constant, Missing, Part, Row, laws_of, row_name
from crm.rulebook.library import Library
from crm.rulebook.parameters import Parameter
from crm.rulebook.programs import Program
from crm.testing import cases
from crm.testing.edges import Standing, edges


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
    def standing(self) -> Standing:
        """What its steps came to, as far as its facts go."""
        around = Around(self.facts, law_day(self.program, self.day), None, {})
        for step in self.program.steps:
            try:
                around.steps[step.name] = step.formula.exact(around) if step.when is None or step.when.exact(around) else Decimal(0)
            except (Missing, KeyError):
                continue
        return Standing(self.case, around)

    @property
    def not_met(self) -> list[str]:
        return [outcome.condition.id for outcome in self.answer.outcomes if outcome.state == "not_met"]


def problems(library: Library, package: Path, folder: Path) -> list[str]:
    """What is wrong with the cases in `folder`, and what the rules in `package` still need: each with file and line."""
    tried: list[Tried] = []
    wrong: list[str] = []
    try:
        for name, case in cases.cases(folder):
            try:
                cases.check(library, name, case)
            except (AssertionError, FactError) as problem:
                wrong.append(_wrong(library, case, problem))
                if isinstance(problem, FactError) or name not in library.programs:
                    continue
            # one that comes out otherwise than it says still stands for its edge: to mend it is enough
            tried.append(Tried(library.programs[name], case, cases.facts_of(library, case), cases.run(library, name, case)))
    except RuleFileError as problem:
        return [str(problem)]
    programs = [program for program in library.programs.values() if program.file.is_relative_to(package)]
    parameters = [parameter for parameter in library.parameters if parameter.file.is_relative_to(package)]
    wrong += [line for program in programs for line in _of_program(library, program, tried)]
    return wrong + [line for parameter in parameters for line in _of_parameter(library, parameter, tried)]


def _wrong(library: Library, case: dict[str, Any], problem: Exception) -> str:
    of = f"{problem.key}: " if isinstance(problem, FactError) and problem.key in library.facts else ""
    return f"{case['where']}: the case '{case['name']}' does not come out: {of}{str(problem).splitlines()[0]}"


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
    standing = [each.standing for each in own if not each.not_met and each.day is not UNKNOWN and each.answer.status is not None]
    for line, what, holds in edges(program):
        if not any(holds(each) for each in standing):
            yield f"{program.file}:{line}: {program.id} needs a case {what}"


def _of_condition(condition: Condition, own: list[Tried]) -> Iterator[str]:
    met = [each for each in own if any(o.condition.id == condition.id and o.state == "met" for o in each.answer.outcomes)]
    if not met:
        yield f"in which the condition '{condition.id}' is met"
    if not any(each.not_met == [condition.id] for each in own):
        yield f"in which only the condition '{condition.id}' is not met"
    for limit in condition.limits:
        if not any(each.day is not UNKNOWN and each.facts.get(condition.fact) == limit.exact(Around(each.facts, each.day)) for each in met):
            edge = limit.value if isinstance(limit, Constant) else "at " + ", ".join(f"law.{law.name.replace('/', '.')}" for law in laws_of(limit))
            yield f"in which '{condition.fact}' is just {edge} (the condition '{condition.id}')"


def _of_parameter(library: Library, parameter: Parameter, tried: list[Tried]) -> Iterator[str]:
    users = [program for program in library.programs.values() if parameter in program.parameters]
    if not users:
        yield f"{parameter.file}:1: no program uses the parameter '{parameter.name}'"
        return
    if not any(_cases_can_show(program, parameter) for program in users):
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


def _cases_can_show(program: Program, parameter: Parameter) -> bool:
    """A limit of a person's life or of all employers together shows in no case of one program."""
    return any(parameter in laws_of(part) for part in program.formulas()) or any(
        parameter in laws_of(part) for limit in program.limits if limit.level == "employer_year" for part in (limit.most, limit.most_people) if part
    )


def _shows(each: Tried, parameter: Parameter, on: date, before: Any, value: Any) -> bool:
    """Whether the case's answer rests on the parameter's value of that day."""
    if each.day != on or each.answer.status is None or law_day(each.program, on) != on:
        return False
    around = each.standing.around
    rows = _changed(before, value) if isinstance(value, dict) or isinstance(before, dict) else None
    if any(_rests(part, parameter, rows, around) for condition in each.program.conditions for part in (condition.when, condition.test) if part is not None):
        return True
    try:
        taken = [step for step in each.program.steps if step.when is None or step.when.exact(around)]
    except (Missing, KeyError):
        return False
    if any(_rests(step.formula, parameter, rows, around) for step in taken):
        return True
    return "people" in each.case and any(
        parameter in laws_of(part) for limit in each.program.limits for part in (limit.most, limit.most_people) if part is not None
    )


def _rests(part: Part, parameter: Parameter, rows: set[str] | None, around: Around) -> bool:
    try:
        if isinstance(part, Choose):
            return _rests(part.condition, parameter, rows, around) or _rests(part.taken(around), parameter, rows, around)
        if isinstance(part, Row) and part.parameter == parameter:
            return rows is None or row_name(part.by.exact(around)) in rows
    except (Missing, KeyError):
        return False
    own = getattr(part, "parameter", None) or getattr(part, "among", None)
    return own == parameter or any(_rests(inner, parameter, rows, around) for inner in part.parts())


def _changed(before: Any, value: dict[str, Any]) -> set[str]:
    """The rows of a table that are new or different; all where there was no table before."""
    old = before if isinstance(before, dict) else {}
    return {key for key in value if old.get(key) != value[key]} | {key for key in old if key not in value}


def _changed_words(before: Any, value: Any) -> str:
    return f" for one of {', '.join(sorted(_changed(before, value)))}" if isinstance(value, dict) else ""
