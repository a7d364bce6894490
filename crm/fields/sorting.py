"""Lists of employers in the order of an added field, as runs that follow each other, so that each page is read from an index.

Numbers, days and texts are one run, kept in order by an index (migration 0051); equals stand in a fixed order. Choices are a run each, as
the field has them, and yes and no; within a run names decide. Employers without a value come last, by name.
"""

import base64
import json
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec import Struct

from crm.custom_fields import MEASURED
from crm.errors import Invalid
from crm.fields.definitions import Defined
from crm.sql import TRUE, Sql
from crm.translation import _

_WRITTEN = ("text", "link", "email", "phone")
_EMPLOYERS = Sql("employer e")
_VALUES = Sql("custom_value v join employer e on e.id = v.employer_id")
_NAMES: tuple[tuple[str, Callable[[str], Any]], ...] = (("e.name_folded", str), ("e.id", UUID))
_KEYS: tuple[tuple[str, Callable[[str], Any]], ...] = (("field_number(v.value)", Decimal), ("field_text(v.value)", str), ("v.employer_id", UUID))


class Run(Struct, frozen=True):
    """Employers that stand together: from which tables, which of them, and by which expressions they are ordered, with their types."""

    source: Sql
    where: Sql
    keys: tuple[tuple[str, Callable[[str], Any]], ...]
    down: bool = False
    scarce: bool = False  # among all that are walked through in this order there may be few, or none, of them

    @property
    def order(self) -> str:
        return ", ".join(f"{key}{' desc' if self.down else ''}" for key, _read in self.keys)

    @property
    def place(self) -> str:
        """Where a row stands, as texts."""
        return f"array[{', '.join(f'({key})::text' for key, _read in self.keys)}]"

    def beyond(self, place: Sequence[str]) -> Sql:
        """Those that stand after it. Raises `ValueError` for what is no place."""
        values = [read(text) for (_key, read), text in zip(self.keys, place, strict=True)]
        if any(isinstance(value, Decimal) and value.is_nan() for value in values):
            raise ValueError(place)
        names = ", ".join(key for key, _read in self.keys)
        return Sql(f"({names}) {'<' if self.down else '>'} ({', '.join(['{}'] * len(values))})", *values)


def offered(fields: Iterable[Defined]) -> list[tuple[str, str]]:
    """By what of the employer a list can be sorted, and how that is said. Of what is sealed, and of several choices, there is no order."""
    found = []
    for field in fields:
        if field.subject != "employer" or field.is_sealed:
            continue
        for sign, words in _ways(field.kind):
            found.append((sign + field.name, f"{field.label}: {words}" if words else field.label))
    return found


def _ways(kind: str) -> list[tuple[str, str]]:
    if kind in MEASURED:
        return [("", _("lowest first")), ("-", _("highest first"))]
    if kind == "date":
        return [("", _("earliest first")), ("-", _("latest first"))]
    return [("", "")] if kind in ("choice", "yes_no", *_WRITTEN) else []


def runs_of(fields: Iterable[Defined], asked: str) -> list[Run]:
    """The runs of what a list is to be sorted by (`x_key`, or `-x_key` for the other way round); none where it is no field of theirs."""
    fields = list(fields)
    if asked not in {name for name, _words in offered(fields)}:
        return []
    field = next(each for each in fields if each.subject == "employer" and each.name == asked.removeprefix("-"))
    without = Run(_EMPLOYERS, Sql("not exists (select from custom_value v where v.employer_id = e.id and v.field_id = {} and v.aside_at is null)", field.id), _NAMES, scarce=True)
    codes = ["yes", "no"] if field.kind == "yes_no" else [choice.code for choice in field.choices]
    if codes:
        return [*(Run(_VALUES, Sql("v.aside_at is null and cardinality(v.marks) > 0 and v.field_id = {} and v.marks @> array[{}::text]", field.id, f"{field.id}:{code}"), _NAMES)
                  for code in codes), without]  # fmt: skip
    there = Sql("v.field_id = {} and v.employer_id is not null and v.aside_at is null and v.value is not null and cardinality(v.marks) = 0", field.id)
    return [Run(_VALUES, there, _KEYS, down=asked.startswith("-")), without]


def after(run: int, place: Sequence[str]) -> str:
    """Where the next page begins, as an address has it."""
    return base64.urlsafe_b64encode(json.dumps([run, *place]).encode()).decode()


def start(runs: Sequence[Run], said: str) -> tuple[int, Sql]:
    """In which run a page begins, and which part of it is left. Raises `Invalid`."""
    if not said:
        return 0, TRUE
    try:
        number, *place = json.loads(base64.urlsafe_b64decode(said))
        if not isinstance(number, int) or not 0 <= number < len(runs):
            raise ValueError(said)
        return number, runs[number].beyond(place)
    except (ValueError, TypeError, ArithmeticError, AttributeError) as problem:
        raise Invalid(_("This page's address is damaged. Open the list from the start.")) from problem
