"""An incentive program as data: who is eligible, how much, until when, what the law's status is on each day."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from msgspec import Struct
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from crm.rulebook import entries, reading
from crm.rulebook.conditions import OPERATORS, Condition
from crm.rulebook.file_errors import RuleFileError
from crm.rulebook.parameters import Reference, references
from crm.rulebook.plans import read_plan

KINDS = ("credit", "reimbursement", "grant", "insurance_discount", "bond", "deduction")
STATES = ("active", "hiatus", "sunset", "capped", "proposed")
NEEDED = {"id", "name", "jurisdiction", "kind", "agency", "law", "date_key", "status", "conditions", "amount", "reference"}
ALLOWED = {"deadlines", "notes", "review_status", "conflicts", "requires", "summary"}


class Status(Struct, frozen=True):
    """What the law is for a date key from a day on, and what the page may say."""

    since: date
    state: str
    says: dict[str, str]
    citation: str
    line: int = 0


class Deadline(Struct, frozen=True):
    """So many days after a fact's day."""

    id: str
    after: str
    days: int
    sentence: dict[str, str]
    citation: str
    line: int = 0


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
    file: Path
    amount_line: int

    def status_on(self, day: date) -> Status | None:
        """The status for a date key on that day; None before the program began."""
        found = [status for status in self.statuses if status.since <= day]
        return found[-1] if found else None


def read_program(file: Path) -> Program:
    """Raises `RuleFileError` with file, line, what was found and what to write."""
    found = reading.read(file)
    reading.check_keys(file, found, needed=NEEDED, allowed=ALLOWED)
    conditions = tuple(_condition(file, item) for item in entries.entries(file, found, "conditions", "id: age"))
    _once(file, [(condition.id, condition.line) for condition in conditions])
    for key in ("conflicts", "requires"):
        _words(file, found, key)
    return Program(
        id=entries.text(file, found, "id"), name=entries.texts(file, found, "name"),
        jurisdiction=entries.text(file, found, "jurisdiction"), kind=entries.one_of(file, found, "kind", KINDS),
        agency=entries.text(file, found, "agency"), law=entries.text(file, found, "law"),
        date_key=entries.text(file, found, "date_key"), statuses=_statuses(file, found), conditions=conditions,
        amount=read_plan(file, found), deadlines=tuple(_deadline(file, item) for item in entries.entries(file, found, "deadlines", "id: form")),
        notes=tuple(_note(file, item) for item in entries.entries(file, found, "notes", "{en: …, es: …}")),
        references=references(file, found), review_status=entries.review(file, found),
        summary=entries.texts(file, found, "summary") if "summary" in found else {}, file=file,
        amount_line=reading.line_of(found, "amount") or 1,
    )  # fmt: skip


def _statuses(file: Path, found: CommentedMap) -> tuple[Status, ...]:
    statuses = [_status(file, item) for item in entries.entries(file, found, "status", "since: 2024-01-01")]
    if not statuses:
        raise RuleFileError(file, reading.line_of(found, "status"), "say what the law is, at least once: '- since: 2024-01-01'.")
    _once(file, [(str(status.since), status.line) for status in statuses])
    return tuple(sorted(statuses, key=lambda status: status.since))


def _once(file: Path, named: list[tuple[str, int]]) -> None:
    seen: set[str] = set()
    for name, line in named:
        if name in seen:
            raise RuleFileError(file, line, f"'{name}' stands twice. Keep one of the two, or give this one another.")
        seen.add(name)


def _status(file: Path, item: CommentedMap) -> Status:
    reading.check_keys(file, item, needed={"since", "state", "says", "citation"}, allowed=set())
    return Status(
        entries.day(file, item, "since"), entries.one_of(file, item, "state", STATES), entries.texts(file, item, "says"),
        entries.text(file, item, "citation"), reading.line_of(item, "since") or 1,
    )  # fmt: skip


def _condition(file: Path, item: CommentedMap) -> Condition:
    reading.check_keys(
        file, item, needed={"id", "fact", "sentence", "citation"}, allowed={"when", "review_status", *OPERATORS}
    )
    used = [operator for operator in OPERATORS if operator in item]
    if len(used) != 1:
        given = " and ".join(used) or "none"
        raise RuleFileError(
            file, reading.line_of(item), f"a condition compares once, by one of: {', '.join(OPERATORS)}. Found: {given}."
        )
    return Condition(
        entries.text(file, item, "id"), entries.text(file, item, "fact"), used[0], reading.plain(item[used[0]]),
        entries.texts(file, item, "sentence"), entries.text(file, item, "citation"), _when(file, item),
        entries.review(file, item), reading.line_of(item, "id") or 1,
    )  # fmt: skip


def _when(file: Path, item: CommentedMap) -> dict[str, tuple[str, ...]]:
    if "when" not in item:
        return {}
    asked = entries.mapping_of(file, item, "when", "'wotc_group: [D]'")
    return {str(key): _words(file, asked, str(key)) for key in asked}


def _words(file: Path, found: CommentedMap, key: str) -> tuple[Any, ...]:
    listed = found.get(key, CommentedSeq())
    if not isinstance(listed, CommentedSeq) or any(isinstance(item, CommentedMap | CommentedSeq) for item in listed):
        raise RuleFileError(file, reading.line_of(found, key), f"'{key}' is a list of words, as [A, B].")
    return tuple(listed)


def _deadline(file: Path, item: CommentedMap) -> Deadline:
    reading.check_keys(file, item, needed={"id", "after", "days", "sentence", "citation"}, allowed=set())
    days = item["days"]
    if not isinstance(days, Decimal) or days != days.to_integral_value() or not 0 <= days <= 3660:
        raise RuleFileError(file, reading.line_of(item, "days"), f"'{days}' is no number of days. Write a whole number, as 28.")
    return Deadline(
        entries.text(file, item, "id"), entries.text(file, item, "after"), int(days), entries.texts(file, item, "sentence"),
        entries.text(file, item, "citation"), reading.line_of(item, "after") or 1,
    )  # fmt: skip


def _note(file: Path, item: CommentedMap) -> dict[str, str]:
    reading.check_keys(file, item, needed={"en", "es"}, allowed=set())
    return {language: entries.text(file, item, language) for language in ("en", "es")}
