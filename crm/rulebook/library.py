"""All rules that are installed: facts, parameters and programs of every plugin's folders. Read once."""

from collections.abc import Iterable
from pathlib import Path

from crm.rulebook.facts import Fact, read_facts
from crm.rulebook.parameters import Parameters
from crm.rulebook.programs import Program, read_program
from crm.rulebook.reading import RuleFileError


class Library:
    def __init__(self) -> None:
        self.facts: dict[str, Fact] = {}
        self.parameters = Parameters()
        self.programs: dict[str, Program] = {}

    def add(self, package: Path) -> None:
        """Add the rules beside a plugin's code. Raises `RuleFileError`."""
        if (package / "facts.yaml").exists():
            self.facts |= read_facts(package / "facts.yaml")
        if (package / "parameters").is_dir():
            self.parameters.add_folder(package / "parameters")
        for file in sorted((package / "programs").glob("*.yaml")) if (package / "programs").is_dir() else []:
            program = read_program(file)
            if program.id in self.programs:
                raise RuleFileError(file, None, f"there is a program '{program.id}' already.")
            self.programs[program.id] = program
            self._check(file, program)

    def _check(self, file: Path, program: Program) -> None:
        """Every fact and parameter that the program names must be there."""
        for name in _facts_of(program):
            if name not in self.facts:
                raise RuleFileError(file, None, f"the fact '{name}' is declared in no facts.yaml. Declare it, or correct its name.")
        for name in _parameters_of(program):
            if name not in self.parameters:
                raise RuleFileError(file, None, f"there is no parameter '{name}'. Add parameters/{name}.yaml, or correct its name.")


def _facts_of(program: Program) -> Iterable[str]:
    plan = program.amount
    yield program.date_key
    yield from (condition.fact for condition in program.conditions)
    yield from (plan[key] for key in ("hours", "wages", "less", "limit", "base_by") if key in plan)
    if "second_year" in plan:
        yield plan["second_year"]["wages"]


def _parameters_of(program: Program) -> Iterable[str]:
    plan = program.amount
    yield from (plan[key] for key in ("tiers", "base", "rate", "cap", "employer_cap") if key in plan)
    if "second_year" in plan:
        yield plan["second_year"]["base"]
        yield plan["second_year"]["rate"]
