"""Every installed program in a row: its status, its cases and how far it was checked. All of it is counted from the rule files."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from msgspec import Struct

from crm.plugins import PluginManager
from crm.rulebook.programs import FEDERAL, NO_STATE, Program
from crm.testing.cases import cases

COLUMNS = ("program", "state", "status", "since", "cases", "official", "numbers", "to_review", "review_status")
REPOSITORY = Path(__file__).parents[3]


class Row(Struct, frozen=True):
    """`status` is the law's on the day, from `since` on; empty before the program began. `turns` are all statuses with their first days.
    `cases` and `official` ones are None where they are not installed.

    `numbers` of law it rests on; `to_review` is how many of its sentences and numbers were not yet checked against the official text.
    """

    program: str
    name: str
    state: str
    status: str
    since: str
    turns: tuple[str, ...]
    cases: int | None
    official: int | None
    numbers: int
    to_review: int
    review_status: str


def rows(manager: PluginManager, day: date, below: Path | None = None) -> list[Row]:
    """By state, the federal ones first. `below` leaves out plugins that stand elsewhere."""
    library, found = manager.rules, []
    for plugin in manager.plugins:
        home = plugin.home
        if plugin.core or plugin.state != "on" or home is None or (below is not None and not home.is_relative_to(below)):
            continue
        told = _counted(home.parent / "tests" / "cases")
        found += [_row(program, day, told) for program in library.programs.values() if program.file.is_relative_to(home)]
    return sorted(found, key=lambda row: (row.state != FEDERAL, row.state, row.program))


def _counted(folder: Path) -> Counter[tuple[str, str]] | None:
    """How many cases each program has, by their kind."""
    return Counter((program, case["kind"]) for program, case in cases(folder)) if folder.is_dir() else None


def _row(program: Program, day: date, told: Counter[tuple[str, str]] | None) -> Row:
    status = program.status_on(day)
    official = None if told is None else told[program.id, "official"]
    return Row(
        program.id, program.name["en"], program.jurisdiction, status.state if status else "", status.since.isoformat() if status else "",
        tuple(f"{each.state} {each.since}" for each in program.statuses),
        None if told is None or official is None else told[program.id, "derived"] + official, official, len(program.parameters),
        sum(review != "verified" for review in _reviews(program)), program.review_status,
    )  # fmt: skip


def _reviews(program: Program) -> Iterator[str]:
    """How far each of its sentences and numbers of law was checked."""
    for stated in (program.statuses, program.conditions, program.steps, program.limits, program.beside, program.claim, program.forms, program.notes):
        yield from (each.review_status for each in stated)
    for parameter in program.parameters:
        yield from parameter.reviews


def totals(found: Sequence[Row]) -> str:
    """Sentences over all rows."""
    statuses = Counter(row.status or "not begun" for row in found)
    said = ", ".join(f"{count} {status}" for status, count in sorted(statuses.items()))
    return f"{_counts(found)} On the day: {said}."


def _counts(found: Sequence[Row]) -> str:
    states = len({row.state for row in found} - {FEDERAL, NO_STATE})
    return (
        f"{len(found)} programs, federal and of {states} states; {sum(row.cases or 0 for row in found)} cases, {sum(row.official or 0 for row in found)} "
        f"of them official; {sum(row.review_status == 'verified' for row in found)} programs verified."
    )


def page() -> str:
    """The page of the manual: the programs that come with the program, each with all statuses that its law takes, so that no day makes it old."""
    manager = PluginManager()
    manager.load()
    found = rows(manager, date.max, REPOSITORY)
    shown = ("program", "state", "turns", "cases", "official", "numbers", "to_review", "review_status")
    head = [
        "# Programs",
        "",
        f"{_counts(found)} All of it is counted from the rule files; `crm rules programs` says the same of what is installed, with the status of today.",
        "",
        "*turns*: each status of the law with its first day. *official*: worked examples of an agency, with their citation. *numbers*: of law, each with its days. *to review*:",
        "sentences and numbers that were recalled or found second-hand; pages and papers that rest on them say so.",
        "",
        "| " + " | ".join(column.replace("_", " ") for column in shown) + " |",
        "|" + "---|" * len(shown),
    ]
    return "\n".join([*head, *("| " + " | ".join(_cell(getattr(row, column)) for column in shown) + " |" for row in found)]) + "\n"


def _cell(value: Any) -> str:
    return ", ".join(value) if isinstance(value, tuple) else "-" if value in (None, "") else str(value)
