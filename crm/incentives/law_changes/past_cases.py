"""Past cases out of files: facts of a hire, plans of many, or cases of a program as `crm rules check` runs them. A folder stands for all files in it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from crm.errors import Invalid
from crm.incentives.command_line import facts_files, plan_files
from crm.incentives.command_line.claimed_files import facts_alone
from crm.rulebook.library import Library

ENDINGS = {".yaml", ".yml", ".json"}


class PastCase(Struct, frozen=True):
    """A case by its name, as it was told; `programs` are those that it is about, None for all."""

    name: str
    told: Mapping[str, Any]
    programs: tuple[str, ...] | None = None

    def facts(self, library: Library, elsewhere: Collection[str] = ()) -> dict[str, Any]:
        """As values, in the words of these rules; facts that only other rules know, `elsewhere`, are left out. Raises `Invalid`."""
        told = {key: value for key, value in self.told.items() if key in library.facts or key not in elsewhere}
        return facts_files.facts_of(told, library, self.name)


def read(paths: Iterable[Path]) -> Iterator[PastCase]:
    """Raises `Invalid` for a file that cannot be read, and for a folder without any."""
    for path in paths:
        files = sorted(each for each in path.rglob("*") if each.suffix in ENDINGS) if path.is_dir() else [path]
        if not files:
            raise Invalid(f"{path}: here are no cases. A case is a file of facts in YAML or JSON.")
        for file in files:
            yield from _cases(file, facts_files.loaded(file))


def _cases(file: Path, told: Mapping[str, Any]) -> Iterator[PastCase]:
    if {"program", "cases"} <= told.keys():
        given = told.get("given") or {}
        for item in told["cases"]:
            yield PastCase(f"{file}: {item.get('name', '')}", {**given, **item.get("facts", {})}, (str(told["program"]),))
    elif plan_files.is_plan(told):
        for number, item in enumerate(told[plan_files.HIRES], start=1):
            own = {key: value for key, value in item.items() if key not in plan_files.OWN}
            yield PastCase(f"{file}: {item.get('name') or number}", {**(told.get(plan_files.EMPLOYER) or {}), **own})
    else:
        yield PastCase(str(file), facts_alone(told))
