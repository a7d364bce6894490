"""An incentive program as data: who is eligible, how much, until when, what the law's status is on each day."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from msgspec import Struct

from crm.rulebook import reading
from crm.rulebook.conditions import OPERATORS, Condition
from crm.rulebook.parameters import Reference, references
from crm.rulebook.reading import RuleFileError

KINDS = ("credit", "reimbursement", "grant", "insurance_discount", "bond", "deduction")
STATES = ("active", "hiatus", "sunset", "capped", "proposed")
SHAPES = ("tiered_wages", "percent_of_wages")
NEEDED = {"id", "name", "jurisdiction", "kind", "agency", "law", "date_key", "status", "conditions", "amount", "reference"}
ALLOWED = {"deadlines", "notes", "review_status", "conflicts", "requires", "summary"}


class Status(Struct, frozen=True):
    """What the law is for a date key from a day on, and what the page may say."""

    since: date
    state: str
    says: dict[str, str]
    citation: str = ""


class Deadline(Struct, frozen=True):
    """So many days after a fact's day."""

    id: str
    after: str
    days: int
    sentence: dict[str, str]
    citation: str


class Program(Struct, frozen=True):
    id: str
    name: dict[str, str]
    jurisdiction: str
    kind: str
    agency: str
    law: str
    date_key: str
    statuses: tuple[Status, ...]
    conditions: tuple[Condition, ...]
    amount: Mapping[str, Any]
    deadlines: tuple[Deadline, ...]
    notes: tuple[dict[str, str], ...]
    references: tuple[Reference, ...]
    review_status: str
    summary: dict[str, str]
    file: str

    def status_on(self, day: date) -> Status | None:
        """The status for a date key on that day; None before the program began."""
        found = [status for status in self.statuses if status.since <= day]
        return found[-1] if found else None


def read_program(file: Path) -> Program:
    """Raises `RuleFileError` with file, line, what was found and what to write."""
    found = reading.read(file)
    reading.check_keys(file, found, needed=NEEDED, allowed=ALLOWED)
    if found["kind"] not in KINDS:
        raise RuleFileError(file, reading.line_of(found, "kind"), f"'{found['kind']}' is no kind: {', '.join(KINDS)}.")
    amount = reading.plain(found["amount"])
    if amount.get("shape") not in SHAPES:
        raise RuleFileError(file, reading.line_of(found, "amount"), f"'{amount.get('shape')}' is no shape: {', '.join(SHAPES)}.")
    return Program(
        id=str(found["id"]), name=_texts(file, found, "name"), jurisdiction=str(found["jurisdiction"]), kind=found["kind"],
        agency=str(found["agency"]), law=str(found["law"]), date_key=str(found["date_key"]),
        statuses=tuple(_status(file, item) for item in found["status"]),
        conditions=tuple(_condition(file, item) for item in found["conditions"]), amount=amount,
        deadlines=tuple(_deadline(file, item) for item in found.get("deadlines", [])),
        notes=tuple(reading.plain(note) for note in found.get("notes", [])), references=references(file, found),
        review_status=str(found.get("review_status", "verified")), summary=reading.plain(found.get("summary", {})),
        file=file.name,
    )  # fmt: skip


def _texts(file: Path, found: Any, key: str) -> dict[str, str]:
    texts = reading.plain(found[key])
    if not isinstance(texts, dict) or set(texts) != {"en", "es"}:
        raise RuleFileError(file, reading.line_of(found, key), f"'{key}' has a text in each language: {{en: …, es: …}}.")
    return texts


def _status(file: Path, item: Any) -> Status:
    reading.check_keys(file, item, needed={"since", "state", "says"}, allowed={"citation"})
    if item["state"] not in STATES:
        raise RuleFileError(file, reading.line_of(item, "state"), f"'{item['state']}' is no status: {', '.join(STATES)}.")
    return Status(reading.a_date(file, item, item["since"]), item["state"], _texts(file, item, "says"), str(item.get("citation", "")))


def _condition(file: Path, item: Any) -> Condition:
    reading.check_keys(
        file, item, needed={"id", "fact", "sentence", "citation"}, allowed={"when", "review_status", *OPERATORS}
    )
    used = [operator for operator in OPERATORS if operator in item]
    if len(used) != 1:
        raise RuleFileError(file, reading.line_of(item), f"a condition compares once, by one of: {', '.join(OPERATORS)}.")
    value = reading.plain(item[used[0]])
    if used[0] in {"on_or_after", "on_or_before"}:
        value = reading.a_date(file, item, value)
    when = {key: tuple(values) for key, values in reading.plain(item.get("when", {})).items()}
    return Condition(str(item["id"]), str(item["fact"]), used[0], value, _texts(file, item, "sentence"), str(item["citation"]), when,
                     str(item.get("review_status", "verified")))  # fmt: skip


def _deadline(file: Path, item: Any) -> Deadline:
    reading.check_keys(file, item, needed={"id", "after", "days", "sentence", "citation"}, allowed=set())
    return Deadline(str(item["id"]), str(item["after"]), int(item["days"]), _texts(file, item, "sentence"), str(item["citation"]))
