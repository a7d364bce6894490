"""Dated numbers of law: one file each, values keyed by the first day on which they apply, `null` from the day a rule ended."""

from bisect import bisect_right
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from msgspec import Struct

from crm.rulebook import reading
from crm.rulebook.reading import RuleFileError

REVIEW = ("verified", "second_hand", "recalled")


class Reference(Struct, frozen=True):
    """An article of law or an agency's page."""

    title: str
    href: str = ""


class Parameter(Struct, frozen=True):
    """A number, list or table of law through time. `days` are the first days of `values`, in order."""

    name: str
    description: str
    unit: str
    days: tuple[date, ...]
    values: tuple[Any, ...]
    references: tuple[Reference, ...]
    review_status: str

    def at(self, day: date) -> Any:
        """The value on that day; None before the first day and after the rule ended."""
        place = bisect_right(self.days, day)
        return self.values[place - 1] if place else None

    def since(self, day: date) -> date | None:
        place = bisect_right(self.days, day)
        return self.days[place - 1] if place else None


def read_parameter(file: Path, name: str) -> Parameter:
    """Raises `RuleFileError` with file, line, what was found and what to write."""
    found = reading.read(file)
    reading.check_keys(file, found, needed={"description", "unit", "values", "reference"}, allowed={"review_status"})
    status = str(found.get("review_status", "verified"))
    if status not in REVIEW:
        raise RuleFileError(file, reading.line_of(found, "review_status"), f"'{status}' is no review status: {', '.join(REVIEW)}.")
    values = found["values"]
    if not hasattr(values, "items") or not values:
        raise RuleFileError(
            file, reading.line_of(found, "values"), "write a day for each value, e.g. 2024-09-01: 30. See docs/extend/rules.md."
        )
    dated = sorted((reading.a_date(file, values, key), reading.plain(value)) for key, value in values.items())
    return Parameter(
        name=name, description=str(found["description"]), unit=str(found["unit"]), days=tuple(day for day, _ in dated),
        values=tuple(value for _, value in dated), references=references(file, found), review_status=status,
    )  # fmt: skip


def references(file: Path, found: Any) -> tuple[Reference, ...]:
    listed = reading.plain(found["reference"])
    if not isinstance(listed, list) or not listed:
        raise RuleFileError(file, reading.line_of(found, "reference"), "list at least one reference: '- title: …' and 'href: https://…'.")
    for item in listed:
        if not isinstance(item, dict) or "title" not in item:
            raise RuleFileError(file, reading.line_of(found, "reference"), "a reference has a title: the article of law, or the agency's page.")
        if item.get("href") and not str(item["href"]).startswith("https://"):
            raise RuleFileError(file, reading.line_of(found, "reference"), f"'{item['href']}' is no https address.")
    return tuple(Reference(str(item["title"]), str(item.get("href", ""))) for item in listed)


class Parameters:
    """The parameters of all plugins, by name: the path of the file without its ending."""

    def __init__(self) -> None:
        self._known: dict[str, Parameter] = {}

    def add_folder(self, folder: Path) -> None:
        for file in sorted(folder.rglob("*.yaml")):
            name = str(file.relative_to(folder).with_suffix(""))
            if name in self._known:
                raise RuleFileError(file, None, f"there is a parameter '{name}' already. Give this file another name.")
            self._known[name] = read_parameter(file, name)

    def __getitem__(self, name: str) -> Parameter:
        return self._known[name]

    def __contains__(self, name: str) -> bool:
        return name in self._known

    def __iter__(self) -> Any:
        return iter(self._known.values())


def number(value: Any) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))
