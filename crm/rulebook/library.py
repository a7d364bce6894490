"""All rules that are installed: facts, parameters and programs of every plugin's folders. Read once."""

from pathlib import Path

from crm.rulebook.facts import Fact, read_facts
from crm.rulebook.file_errors import RuleFileError
from crm.rulebook.fitting import check_fits
from crm.rulebook.parameters import Parameter, Parameters, read_folder
from crm.rulebook.programs import Program, read_program


class Library:
    def __init__(self) -> None:
        self.facts: dict[str, Fact] = {}
        self.parameters = Parameters()
        self.programs: dict[str, Program] = {}

    def add(self, package: Path) -> None:
        """Add the rules beside a plugin's code: all of them, or none. Raises `RuleFileError`."""
        facts = dict(self.facts)
        file = package / "facts.yaml"
        for key, fact in (read_facts(file) if file.exists() else {}).items():
            if facts.setdefault(key, fact) != fact:
                raise RuleFileError(file, None, f"there is another fact '{key}' already. Give this one another name.")
        parameters = self._parameters(package)
        programs = self._programs(package)
        for program in programs.values():
            check_fits(program, facts, parameters)
        self.facts, self.parameters, self.programs = facts, parameters, self.programs | programs

    def _parameters(self, package: Path) -> Parameters:
        known: dict[str, Parameter] = {parameter.name: parameter for parameter in self.parameters}
        for parameter in read_folder(package / "parameters"):
            if parameter.name in known:
                raise RuleFileError(
                    parameter.file, None, f"there is a parameter '{parameter.name}' already. Give this file another name."
                )
            known[parameter.name] = parameter
        return Parameters(known)

    def _programs(self, package: Path) -> dict[str, Program]:
        found: dict[str, Program] = {}
        for file in sorted((package / "programs").glob("*.yaml")):
            program = read_program(file)
            if program.id in self.programs | found:
                raise RuleFileError(file, None, f"there is a program '{program.id}' already. Give this one another id.")
            found[program.id] = program
        return found
