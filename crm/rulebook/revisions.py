"""A new pack of rules beside the installed ones: the library as it would be, and which answers of past cases it would change, and why."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from crm.rulebook.changes import Changed, short
from crm.rulebook.differences import between
from crm.rulebook.estimates import Estimate, estimate
from crm.rulebook.file_errors import RuleFileError
from crm.rulebook.library import Library
from crm.rulebook.programs import Program
from crm.translation import _

PARTS = ("programs", "parameters", "facts.yaml")


def package_of(folder: Path) -> Path:
    """The folder with `programs`, `parameters` or `facts.yaml`: this one, or the only one inside it. Raises `RuleFileError`."""
    if any((folder / part).exists() for part in PARTS):
        return folder
    inside = [each for each in sorted(folder.glob("*/")) if any((each / part).exists() for part in PARTS)] if folder.is_dir() else []
    if len(inside) != 1:
        found = "several packages of rules" if inside else "neither programs, nor parameters, nor facts.yaml"
        raise RuleFileError(folder, None, _("here are %(found)s. Name the folder in which they stand.") % {"found": found})
    return inside[0]


def revised(packages: Iterable[Path], pack: Path) -> Library:
    """The rules as they would be with the pack: a package of the same name is replaced whole; else its facts, parameters and programs take the
    place of those with the same keys, names and ids, and new ones come beside them. Raises `RuleFileError`."""
    return Library.with_changes([package for package in packages if package.name != pack.name], pack)


def drafted(packages: Iterable[Path], file: Path) -> tuple[Library, Program]:
    """A program proposed in a file, beside the installed rules. Its own numbers and facts stand beside the file, or beside its folder `programs`.

    Raises `RuleFileError`.
    """
    pack = file.parent.parent if file.parent.name == "programs" else file.parent
    library = Library.with_changes(packages, pack, [file])
    return library, next(program for program in library.programs.values() if program.file == file)


def changed(
    old: Library, new: Library, case: str, facts_of: Callable[[Library], Mapping[str, Any]], as_of: date, ids: Iterable[str] | None = None
) -> Iterator[Changed]:
    """The answers to a case that would differ: of these programs, or of all but bills. `facts_of` reads the case by the words of a library."""
    before, after = (library.completed(facts_of(library)) for library in (old, new))
    every = [name for name in dict.fromkeys([*old.programs, *new.programs]) if ids is None or name in set(ids)]
    for name in every:
        program = new.programs.get(name) or old.programs[name]
        if ids is None and program.scenario_of:
            continue
        was, would = (_answer(library, name, facts, as_of) for library, facts in ((old, before), (new, after)))
        if differences := between(was, would):
            yield Changed(case, program, short(was), short(would), differences)


def _answer(library: Library, name: str, facts: Mapping[str, Any], as_of: date) -> Estimate | None:
    return estimate(library.programs[name], facts, as_of) if name in library.programs else None
