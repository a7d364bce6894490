"""All rules that are installed: facts, parameters and programs of every plugin's folders. Read once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from crm.rulebook import reading
from crm.rulebook.deriving import Derived, derive, read_derived
from crm.rulebook.facts import Fact, read_facts
from crm.rulebook.file_errors import RuleFileError
from crm.rulebook.formula_reading import Known
from crm.rulebook.parameters import Parameter, Parameters, read_folder, read_parameter
from crm.rulebook.programs import Program, read_program
from crm.translation import _

VOCABULARY = Path(__file__).parent / "vocabulary.yaml"  # facts that programs of several plugins share


class Named(Struct, frozen=True):
    """What a package states, by keys, names and ids."""

    facts: frozenset[str] = frozenset()
    parameters: frozenset[str] = frozenset()
    programs: frozenset[str] = frozenset()


class Library:
    def __init__(self) -> None:
        self.facts: dict[str, Fact] = read_facts(VOCABULARY)
        self.parameters = Parameters()
        self.programs: dict[str, Program] = {}
        self.derived: tuple[Derived, ...] = read_derived(VOCABULARY, self.facts, self.facts)

    @classmethod
    def with_changes(cls, packages: Iterable[Path], pack: Path, programs: Sequence[Path] | None = None) -> "Library":
        """The rules of the packages with those of the pack in place of what has the same key, name or id; of its programs these files alone.

        Raises `RuleFileError`.
        """
        files = _programs_in(pack) if programs is None else programs
        library, file = cls(), pack / "facts.yaml"
        own = read_facts(file) if file.exists() else {}
        library.facts |= own
        library.derived = tuple(each for each in library.derived if each.fact.key not in own)
        library.parameters = library._parameters(pack)
        names = [str(reading.read(each).get("id")) for each in files]
        new = Named(frozenset(own), frozenset(each.name for each in library.parameters), frozenset(names))
        for package in packages:
            library.add(package, but=new)
        library.derived += read_derived(file, own, library.facts)
        library.programs |= library._programs(files, Known(library.facts, library.parameters))
        return library

    def add(self, package: Path, *, but: Named = Named()) -> None:  # noqa: B008 - it cannot be changed
        """Add the rules beside a plugin's code: all of them, or none; `but` names what is left out. Raises `RuleFileError`."""
        facts, derived = dict(self.facts), self.derived
        file = package / "facts.yaml"
        own = {key: fact for key, fact in (read_facts(file) if file.exists() else {}).items() if key not in but.facts}
        for key, fact in own.items():
            if facts.setdefault(key, fact) != fact:
                raise RuleFileError(file, None, _("there is another fact '%(key)s' already. Give this one another name.") % {"key": key})
        derived += read_derived(file, own, facts)
        parameters = self._parameters(package, but.parameters)
        programs = self._programs(_programs_in(package), Known(facts, parameters), but.programs)
        self.facts, self.parameters, self.programs, self.derived = facts, parameters, self.programs | programs, derived

    def problems(self, package: Path) -> list[RuleFileError]:
        """What keeps the rules in a package from being read: the first slip of each file. Programs are read once their facts and numbers can be."""
        found: list[RuleFileError] = []
        facts, numbers = self.facts, {parameter.name: parameter for parameter in self.parameters}
        for file in sorted([*package.glob("facts.yaml"), *(package / "parameters").rglob("*.yaml")]):
            try:
                if file.name == "facts.yaml" and file.parent == package:
                    facts = facts | read_facts(file)
                else:
                    parameter = read_parameter(file, file.relative_to(package / "parameters").with_suffix("").as_posix())
                    numbers[parameter.name] = parameter
            except RuleFileError as problem:
                found.append(problem)
        for file in [] if found else _programs_in(package):
            try:
                read_program(file, Known(facts, Parameters(numbers)))
            except RuleFileError as problem:
                found.append(problem)
        return found

    def completed(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """The facts with those that follow from them. Raises `FactError` where two contradict each other."""
        return derive(self.derived, facts)

    def _parameters(self, package: Path, but: Collection[str] = ()) -> Parameters:
        known: dict[str, Parameter] = {parameter.name: parameter for parameter in self.parameters}
        for parameter in read_folder(package / "parameters"):
            if parameter.name in but:
                continue
            if parameter.name in known:
                raise RuleFileError(
                    parameter.file, None, _("there is a parameter '%(parameter)s' already. Give this file another name.") % {"parameter": parameter.name}
                )
            known[parameter.name] = parameter
        return Parameters(known)

    def _programs(self, files: Iterable[Path], known: Known, but: Collection[str] = ()) -> dict[str, Program]:
        found: dict[str, Program] = {}
        for file in files:
            if but and reading.read(file).get("id") in but:
                continue
            program = read_program(file, known)
            if program.id in self.programs | found:
                raise RuleFileError(file, None, _("there is a program '%(program)s' already. Give this one another id.") % {"program": program.id})
            found[program.id] = program
        return found


def _programs_in(package: Path) -> list[Path]:
    return sorted((package / "programs").glob("*.yaml"))
