"""All rules that are installed: facts, parameters and programs of every plugin's folders. Read once."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crm.rulebook.deriving import Derived, derive, read_derived
from crm.rulebook.facts import Fact, read_facts
from crm.rulebook.file_errors import RuleFileError
from crm.rulebook.formula_reading import Known
from crm.rulebook.parameters import Parameter, Parameters, read_folder
from crm.rulebook.programs import Program, read_program

VOCABULARY = Path(__file__).parent / "vocabulary.yaml"  # facts that programs of several plugins share


class Library:
    def __init__(self) -> None:
        self.facts: dict[str, Fact] = read_facts(VOCABULARY)
        self.parameters = Parameters()
        self.programs: dict[str, Program] = {}
        self.derived: tuple[Derived, ...] = read_derived(VOCABULARY, self.facts, self.facts)

    def add(self, package: Path) -> None:
        """Add the rules beside a plugin's code: all of them, or none. Raises `RuleFileError`."""
        facts, derived = dict(self.facts), self.derived
        file = package / "facts.yaml"
        for key, fact in (own := read_facts(file) if file.exists() else {}).items():
            if facts.setdefault(key, fact) != fact:
                raise RuleFileError(file, None, f"there is another fact '{key}' already. Give this one another name.")
        derived += read_derived(file, own, facts)
        parameters = self._parameters(package)
        programs = self._programs(package, Known(facts, parameters))
        self.facts, self.parameters, self.programs, self.derived = facts, parameters, self.programs | programs, derived

    def completed(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """The facts with those that follow from them. Raises `FactError` where two contradict each other."""
        return derive(self.derived, facts)

    def _parameters(self, package: Path) -> Parameters:
        known: dict[str, Parameter] = {parameter.name: parameter for parameter in self.parameters}
        for parameter in read_folder(package / "parameters"):
            if parameter.name in known:
                raise RuleFileError(
                    parameter.file, None, f"there is a parameter '{parameter.name}' already. Give this file another name."
                )
            known[parameter.name] = parameter
        return Parameters(known)

    def _programs(self, package: Path, known: Known) -> dict[str, Program]:
        found: dict[str, Program] = {}
        for file in sorted((package / "programs").glob("*.yaml")):
            program = read_program(file, known)
            if program.id in self.programs | found:
                raise RuleFileError(file, None, f"there is a program '{program.id}' already. Give this one another id.")
            found[program.id] = program
        return found
