"""One row of a spreadsheet as the directory would keep it."""

import re
import string
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from msgspec import Struct

from crm import sealing
from crm.addresses import Address, address_keys, place_key, tidy_address
from crm.email_addresses import normalise_email
from crm.employers.columns import EMPLOYER_FIELDS, ownership_from
from crm.employers.fein import fein_hashes
from crm.employers.matching.keys import name_keys
from crm.fields import importing
from crm.fields.definitions import Defined
from crm.industries import tidy_industry
from crm.letter_case import tidy_name
from crm.names import split_name
from crm.person_names import split_person_name
from crm.phones import tidy_phone
from crm.spreadsheets.columns import SURE, guess_columns
from crm.spreadsheets.reading import Row, Spreadsheet, open_spreadsheet
from crm.translation import _
from crm.web_addresses import tidy_website

Mapped = dict[str, list[int]]  # field -> its columns
COLUMNS = ("import_id", "row_number", "name", "dbas", "match_key", "fein_sealed", "fein_hash", "fein_hashes_earlier",
           "address_key", "place_key", "state", "zip", "domain", "facts", "notes", "outcome", "reason", "former_names", "other_keys")  # fmt: skip

TAX_NUMBER = re.compile(r"\b(?:\d{2}-?\d{3}|\d{3}-\d{2}-)(\d{4})\b")


class Guessed(Struct, frozen=True):
    """Which field each column of a file feeds, how sure that is, and values to show, by header."""

    mapping: dict[str, str]
    unsure: frozenset[str]
    examples: dict[str, list[str]]


def guess(sheet: Spreadsheet, *, saved: Mapping[str, str] | None = None, added: Sequence[Defined] = ()) -> Guessed:
    """Out of the first rows, with the added fields that it may bring; what was chosen for such columns before is `saved`."""
    sample = sheet.sample()
    guesses = guess_columns(sheet.headers, sample, (*EMPLOYER_FIELDS, *importing.columns(added)), dict(saved) if saved else None)
    mapping = {sheet.headers[each.column]: each.field or "" for each in guesses}
    unsure = frozenset(sheet.headers[each.column] for each in guesses if each.field and each.score < SURE)
    return Guessed(mapping, unsure, {header: _examples(sample, place) for place, header in enumerate(sheet.headers)})


def _examples(sample: Sequence[Sequence[str]], place: int) -> list[str]:
    """The first three different values; what may be a tax number keeps its last digits only."""
    values = dict.fromkeys(row[place].strip()[:60] for row in sample if place < len(row) and row[place].strip())
    return [TAX_NUMBER.sub(r"•••••\1", value) for value in islice(values, 3)]


def rejected(path: Path, batch: Mapping[str, Any], reasons: Mapping[int, str]) -> list[tuple[list[str], str]]:
    """The rows of the file that were rejected, as they came, each with its reason."""
    sheet = open_spreadsheet(path, encoding=batch["encoding"], delimiter=batch["delimiter"])
    return [(row.cells, reasons[row.number]) for row in sheet.rows() if row.number in reasons]


def columns_of(headers: Sequence[str], mapping: Mapping[str, str]) -> Mapped:
    found: Mapped = {}
    for place, header in enumerate(headers):
        if field := mapping.get(header):
            found.setdefault(field, []).append(place)
    return found


def tidied(rows: Sequence[Row], columns: Mapped, import_id: UUID, added: Sequence[Defined] = ()) -> list[tuple[Any, ...]]:
    """Staging records, in the order of `COLUMNS`. Door keys are made for the whole batch at once."""
    facts = [None if row.problem else _facts(row.cells, columns, import_id, added) for row in rows]
    doors = address_keys([_address(found) for found in facts])
    return [_record(row, found, door, import_id) for row, found, door in zip(rows, facts, doors, strict=True)]


def _address(found: dict[str, Any] | None) -> Address:
    values = found["facts"] if found else {}
    return Address(*(values.get(key, "") for key in ("line1", "line2", "city", "state", "zip")))


def _record(row: Row, found: dict[str, Any] | None, door: str, import_id: UUID) -> tuple[Any, ...]:
    reason = row.problem or ("" if found and found["name"] else _("There is no name. Fill in the employer's name."))
    if reason or found is None:
        return (import_id, row.number, "", [], "", None, None, [], "", "", "", "", "", {}, [], "rejected", reason, [], [])
    facts = found["facts"]
    return (
        import_id, row.number, found["name"], found["dbas"], found["match_key"],
        found["fein_sealed"], found["fein_hash"], found["fein_hashes_earlier"], door,
        place_key(facts.get("city", "")), facts.get("state", ""), facts.get("zip", "")[:5], facts.get("domain", ""), facts,
        found["notes"], None, "", found["former_names"], found["other_keys"],
    )  # fmt: skip


def _facts(cells: Sequence[str], columns: Mapped, import_id: UUID, added: Sequence[Defined]) -> dict[str, Any]:
    def every(field: str) -> list[str]:
        return [cells[place].strip() for place in columns.get(field, ()) if cells[place].strip()]

    def cell(field: str) -> str:
        return next(iter(every(field)), "")

    split = split_name(cell("name"))
    name = tidy_name(split.legal)
    dbas = [tidy_name(part) for part in split.dbas] + [tidy_name(text) for text in every("dbas")]
    address = tidy_address(cell("line1"), cell("line2"), cell("city"), cell("state"), cell("zip"))
    industry, phone, site = tidy_industry(cell("naics")), tidy_phone(cell("phone")), tidy_website(cell("website"))
    values = {
        **address.address._asdict(), "naics": industry.code, "phone": phone.number, "website": site.url, "domain": site.domain,
        "ownership": ownership_from(cell("ownership"), cell("nonprofit")), "employee_count": _count(cell("employee_count")),
        "site_name": tidy_name(cell("establishment_name")), "note": cell("note"),
        **_contact(cell),
    }  # fmt: skip
    digits = "".join(c for c in cell("fein") if c in string.digits)
    sealed, hashed, earlier = None, None, []
    if len(digits) == 9:
        # staging never holds the number in clear; it is sealed anew for its employer when the import is written
        sealed = sealing.seal(digits, "import_row", "fein", import_id)
        values["fein_last4"] = digits[-4:]
        hashed, *earlier = fein_hashes(digits)
    more, unfit = importing.read_cells(added, every)
    notes = [note for note in (*address.notes, industry.note, phone.note, site.note, *unfit) if note]
    former = [tidy_name(part) for part in split.former]
    key, others = name_keys(name, dbas, former)
    return {"name": name, "dbas": list(dict.fromkeys(dbas)), "match_key": key, "former_names": former, "other_keys": others,
            "fein_sealed": sealed, "fein_hash": hashed, "fein_hashes_earlier": earlier,
            "facts": {key: value for key, value in values.items() if value not in ("", None)} | more, "notes": notes}  # fmt: skip


def _contact(cell: Any) -> dict[str, str]:
    whole = split_person_name(cell("contact_name"))
    return {
        "given_name": cell("contact_given_name") or whole.given, "family_name": cell("contact_family_name") or whole.family,
        "contact_role": cell("contact_role"), "email": normalise_email(cell("contact_email"), test_environment=True).address,
        "contact_phone": tidy_phone(cell("contact_phone")).number,
    }  # fmt: skip


def _count(text: str) -> int | None:
    digits = text.replace(",", "").removesuffix(".0")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 8 else None
