"""Dated numbers of law: one file each, values keyed by the first day on which they apply, `null` from the day a rule ended."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from msgspec import Struct
from ruamel.yaml.comments import CommentedMap

from crm.rulebook import entries, reading
from crm.rulebook.file_errors import RuleFileError

CENT = Decimal("0.01")


class Reference(Struct, frozen=True):
    """An article of law or an agency's page."""

    title: str
    href: str = ""


class Parameter(Struct, frozen=True):
    """A number, list or table of law through time. `days` are the first days of `values`, in order, `lines` where they stand."""

    name: str
    description: str
    unit: str
    days: tuple[date, ...]
    values: tuple[Any, ...]
    references: tuple[Reference, ...]
    review_status: str
    file: Path
    lines: tuple[int, ...]

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
    unit = entries.text(file, found, "unit")
    dated = _dated_values(file, found, unit)
    return Parameter(
        name=name, description=entries.text(file, found, "description"), unit=unit, days=tuple(day for day, _, _ in dated),
        values=tuple(value for _, value, _ in dated), references=references(file, found),
        review_status=entries.review(file, found), file=file, lines=tuple(line for _, _, line in dated),
    )  # fmt: skip


def _dated_values(file: Path, found: CommentedMap, unit: str) -> list[tuple[date, Any, int]]:
    values = found["values"]
    if not isinstance(values, CommentedMap) or not values:
        line = reading.line_of(found, "values")
        raise RuleFileError(file, line, "write a day for each value, e.g. 2024-09-01: 30. See docs/extend/rules.md.")
    dated: dict[date, tuple[date, Any, int]] = {}
    for key, value in values.items():
        line = reading.line_of(values, key) or 1
        day = reading.a_date(file, values, key)
        if day in dated:
            raise RuleFileError(file, line, f"{day} stands twice, so two values would hold at once. Keep one of the two.")
        _check_value(file, line, value, unit)
        dated[day] = (day, reading.plain(value), line)
    return [dated[day] for day in sorted(dated)]


def _check_value(file: Path, line: int, value: Any, unit: str, key: str = "") -> None:
    """Dollars are numbers of whole cents, a rate a share from 0 to 1; lists and tables are made of such."""
    if isinstance(value, dict | list):
        parts = value.items() if isinstance(value, dict) else (("", part) for part in value)
        for name, part in parts:
            _check_value(file, line, part, unit, str(name) or key)
        return
    kind = unit.split(maxsplit=1)[0]
    if value is None or kind not in {"USD", "rate"}:
        return
    if not isinstance(value, Decimal):
        raise RuleFileError(file, line, f"'{value}' is no number. Write digits without quotes, as 4800 or 0.25.")
    if kind == "USD" and (value < 0 or value != value.quantize(CENT)):
        raise RuleFileError(file, line, f"'{value}' is no amount of dollars and whole cents. Write 4800 or 4800.50.")
    if kind == "rate" and key in {"", "rate"} and not 0 <= value <= 1:
        raise RuleFileError(file, line, f"'{value}' is no share from 0 to 1. For 40 percent write 0.40.")


def references(file: Path, found: Any) -> tuple[Reference, ...]:
    """The law that the file rests on; at least one."""
    listed = entries.entries(file, found, "reference", "{title: 'IRC §51'}")
    if not listed:
        raise RuleFileError(file, reading.line_of(found, "reference"), "list at least one reference: '- title: …' and 'href: https://…'.")
    for item in listed:
        reading.check_keys(file, item, needed={"title"}, allowed={"href"})
        if item.get("href") and not str(item["href"]).startswith("https://"):
            raise RuleFileError(file, reading.line_of(item, "href"), f"'{item['href']}' is no https address.")
    return tuple(Reference(entries.text(file, item, "title"), str(item.get("href") or "")) for item in listed)


def read_folder(folder: Path) -> list[Parameter]:
    """Every parameter below the folder; its name is the path of the file without its ending."""
    files = sorted(folder.rglob("*.yaml"))
    return [read_parameter(file, file.relative_to(folder).with_suffix("").as_posix()) for file in files]


class Parameters:
    """The parameters of all plugins, by name."""

    def __init__(self, known: Mapping[str, Parameter] | None = None) -> None:
        self._known = dict(known or {})

    def __getitem__(self, name: str) -> Parameter:
        return self._known[name]

    def __contains__(self, name: str) -> bool:
        return name in self._known

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self._known.values())


def number(value: Any) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))
