"""Dated numbers of law: one file each, values keyed by the first day on which they apply, `null` from the day a rule ended.

A value may say since when it was known (`{value: 2500, known_since: 2024-08-08}`), where law was made for days that had passed: an
answer given before that day can then be given again as it was. It may also have a `review_status` of its own, where a rule is checked for
some years and not for others.
"""

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
from crm.translation import _

CENT = Decimal("0.01")
MISTAKEN_UNITS = {"$": "USD", "usd": "USD", "dollar": "USD", "dollars": "USD", "%": "rate", "percent": "rate", "share": "rate"}


class Reference(Struct, frozen=True):
    """An article of law or an agency's page."""

    title: str
    href: str = ""


KINDS_OF_UNIT = {"USD": "money", "rate": "rate"}  # all other units count as numbers: hours, people, months


class Parameter(Struct, frozen=True):
    """A number, list or table of law through time. `days` are the first days of `values`, in order, `lines` where they stand.

    `holds` says what each value is: a `number`, a `table` of rows by name, `tiers` ({from, is} in order), or a `list` of words.
    `known_since` is the day on which each value became known; None where that was no later than its first day. `reviews` is how far each
    was checked.
    """

    name: str
    description: dict[str, str]
    unit: str
    holds: str
    days: tuple[date, ...]
    values: tuple[Any, ...]
    known_since: tuple[date | None, ...]
    reviews: tuple[str, ...]
    references: tuple[Reference, ...]
    file: Path
    lines: tuple[int, ...]

    @property
    def kind(self) -> str:
        """What one number of it is: money, a rate, or a number."""
        return KINDS_OF_UNIT.get(self.unit.split(maxsplit=1)[0], "number")

    def _place(self, day: date, known: date | None) -> int:
        place = bisect_right(self.days, day) - 1
        if known is not None:
            while place >= 0 and (self.known_since[place] or self.days[place]) > known:
                place -= 1
        return place

    def at(self, day: date, known: date | None = None) -> Any:
        """The value on that day, as it was known on the day `known` (now, where none is given); None before the first day and after the rule ended."""
        place = self._place(day, known)
        return self.values[place] if place >= 0 else None

    def review_on(self, day: date, known: date | None = None) -> str:
        """How far the value on that day was checked against its source."""
        place = self._place(day, known)
        return self.reviews[place] if place >= 0 else "verified"

    def since(self, day: date, known: date | None = None) -> date | None:
        place = self._place(day, known)
        return self.days[place] if place >= 0 else None


def read_parameter(file: Path, name: str) -> Parameter:
    """Raises `RuleFileError` with file, line, what was found and what to write."""
    found = reading.read(file)
    reading.check_keys(file, found, needed={"description", "unit", "values", "reference"}, allowed={"review_status"})
    unit = entries.text(file, found, "unit")
    first = unit.split(maxsplit=1)[0]
    if first not in KINDS_OF_UNIT and (meant := MISTAKEN_UNITS.get(first.lower())):
        raise RuleFileError(file, reading.line_of(found, "unit"), _("'unit' is '%(unit)s', and would count as a number of things. Write '%(meant)s' first, as 'unit: %(meant)s' or 'unit: %(meant)s by hours'.") % {"unit": unit, "meant": meant})
    dated = _dated_values(file, found, unit)
    return Parameter(
        name=name, description=entries.texts(file, found, "description"), unit=unit, holds=_holds(file, dated),
        days=tuple(each.day for each in dated), values=tuple(each.value for each in dated), known_since=tuple(each.known_since for each in dated),
        reviews=tuple(each.review for each in dated), references=references(file, found), file=file, lines=tuple(each.line for each in dated),
    )  # fmt: skip


class _Dated(Struct, frozen=True):
    day: date
    value: Any
    known_since: date | None
    review: str
    line: int


def _dated_values(file: Path, found: CommentedMap, unit: str) -> list[_Dated]:
    values = found["values"]
    if not isinstance(values, CommentedMap) or not values:
        line = reading.line_of(found, "values")
        raise RuleFileError(file, line, _("write a day for each value, e.g. 2024-09-01: 30. See docs/extend/rules.md."))
    dated: dict[date, _Dated] = {}
    for key, value in values.items():
        line = reading.line_of(values, key) or 1
        day = reading.a_date(file, values, key)
        if day in dated:
            raise RuleFileError(file, line, _("%(day)s stands twice, so two values would hold at once. Keep one of the two.") % {"day": day})
        known, review, bare = None, entries.review(file, found), value
        if isinstance(value, CommentedMap) and "value" in value:
            reading.check_keys(file, value, needed={"value"}, allowed={"known_since", "review_status"})
            known = entries.day(file, value, "known_since") if "known_since" in value else None
            review, bare = entries.review(file, value) if "review_status" in value else review, value["value"]
            if known is not None and known <= day:
                raise RuleFileError(file, line, _("it became known on %(known)s, not after %(day)s: write the value alone.") % {"known": known, "day": day})
        plain = reading.plain(bare)
        _check_value(file, line, plain, unit)
        dated[day] = _Dated(day, plain, known, review, line)
    return [dated[day] for day in sorted(dated)]


def _holds(file: Path, dated: list[_Dated]) -> str:
    """What the values are, the same for all days."""
    forms: dict[str, int] = {}
    for each in dated:
        if each.value is not None:
            forms.setdefault(_form(file, each), each.line)
    if len(forms) > 1:
        (first, _line), (second, line) = list(forms.items())[:2]
        raise RuleFileError(file, line, _("here stands a %(second)s, on an earlier day a %(first)s. One parameter holds one kind of thing.") % {"second": second, "first": first})
    return next(iter(forms), "number")


def _form(file: Path, each: _Dated) -> str:
    value = each.value
    if isinstance(value, dict):
        if not all(isinstance(row, Decimal) for row in value.values()):
            raise RuleFileError(file, each.line, _("each row of a table holds one number, as {A: 6000, B: 3000}."))
        return "table"
    if not isinstance(value, list):
        return "number"
    if not any(isinstance(row, dict) for row in value):
        return "list"
    starts = []
    for row in value:
        if not isinstance(row, dict) or set(row) != {"from", "is"} or not all(isinstance(part, Decimal) for part in row.values()):
            raise RuleFileError(file, each.line, _("a table of tiers is a list of {from: 120, is: 0.25}: from where a tier runs, and what it gives."))
        starts.append(row["from"])
    if starts != sorted(set(starts)):
        raise RuleFileError(file, each.line, _("tiers begin one above the other; write them in that order."))
    return "tiers"


def _check_value(file: Path, line: int, value: Any, unit: str, key: str = "") -> None:
    """Dollars are numbers of whole cents, a rate a share from 0 to 1; lists and tables are made of such."""
    if isinstance(value, dict | list):
        parts = value.items() if isinstance(value, dict) else (("", part) for part in value)
        for name, part in parts:
            _check_value(file, line, part, unit, str(name) or key)
        return
    kind = unit.split(maxsplit=1)[0]
    if value is None or key == "from" or kind not in {"USD", "rate"}:
        return
    if not isinstance(value, Decimal):
        raise RuleFileError(file, line, _("'%(value)s' is no number. Write digits without quotes, as 4800 or 0.25.") % {"value": value})
    if kind == "USD" and (value < 0 or value != value.quantize(CENT)):
        raise RuleFileError(file, line, _("'%(value)s' is no amount of dollars and whole cents. Write 4800 or 4800.50.") % {"value": value})
    if kind == "rate" and not 0 <= value <= 1:
        raise RuleFileError(file, line, _("'%(value)s' is no share from 0 to 1. For 40 percent write 0.40.") % {"value": value})


def references(file: Path, found: Any) -> tuple[Reference, ...]:
    """The law that the file rests on; at least one."""
    listed = entries.entries(file, found, "reference", "{title: 'IRC §51'}")
    if not listed:
        raise RuleFileError(file, reading.line_of(found, "reference"), _("list at least one reference: '- title: …' and 'href: https://…'."))
    for item in listed:
        reading.check_keys(file, item, needed={"title"}, allowed={"href"})
    return tuple(Reference(entries.text(file, item, "title"), reading.address(file, item, "href")) for item in listed)


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
