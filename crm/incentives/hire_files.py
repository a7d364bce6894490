"""Hires in a CSV, one a row: a column for each fact that is known, by its key, and beside them who hires where, for whom.

An empty cell is a fact that no one told. A cell that does not fit makes its row a finding with its line; the row then counts for nothing.
"""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from crm.errors import Invalid
from crm.rulebook import reading
from crm.rulebook.facts import UNKNOWN, FactError, parse
from crm.rulebook.library import Library

LABELS = ("employer", "size", "region", "sector", "learner_group")
MOST_ROWS = 1_000_000
MOST_KEPT = 200_000  # values that were read once


class Row(Struct, frozen=True):
    """A line of the file: the labels in the order of `LABELS`, empty where not told, and the cells of its facts in the order of the columns."""

    line: int
    labels: tuple[str, ...]
    cells: tuple[str, ...]


class HireFile(Struct, frozen=True):
    """`findings` are rows that are no rows, with their lines."""

    facts: tuple[str, ...]
    rows: tuple[Row, ...]
    findings: tuple[tuple[int, str], ...]


def read(file: Path, *libraries: Library) -> HireFile:
    """Raises `Invalid` for a file that cannot be read and for a column that is neither a fact of one of the libraries nor a label."""
    try:
        lines = list(csv.reader(file.read_text(encoding="utf-8-sig").splitlines(), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise Invalid(f"{file}: this cannot be read as CSV in UTF-8: {problem}.") from problem
    header = [each.strip() for each in lines[0]] if lines else []
    known = {key for library in libraries for key in library.facts}
    for place, column in enumerate(header):
        if column not in known and column not in LABELS:
            near = reading.meant(column, [*known, *LABELS]).split("Allowed")[0]
            raise Invalid(f"{file}, line 1: the column '{column}' is no fact and none of {', '.join(LABELS)}. {near}`crm rules facts` lists the facts.")
        if column in header[:place]:
            raise Invalid(f"{file}, line 1: the column '{column}' stands twice. Keep one of the two.")
    if len(lines) < 2:
        raise Invalid(f"{file}: write a line with the names of the columns, and one for each hire.")
    if len(lines) > MOST_ROWS:
        raise Invalid(f"{file}: at most {MOST_ROWS:,} hires are read at once.")
    places = {column: place for place, column in enumerate(header)}
    facts = [column for column in header if column not in LABELS]
    rows, findings = [], []
    for number, cells in enumerate(lines[1:], start=2):
        if len(cells) != len(header):
            findings.append((number, f"{len(cells)} values for {len(header)} columns. Put quotes round a value with a comma."))
            continue
        labels = tuple(cells[places[label]].strip() if label in places else "" for label in LABELS)
        rows.append(Row(number, labels, tuple(cells[places[key]] for key in facts)))
    return HireFile(tuple(facts), tuple(rows), tuple(findings))


class Parser:
    """Reads rows as facts in the words of one library; a value that stands in many rows is read once. `known` are the facts that rows may tell."""

    def __init__(self, library: Library, keys: Sequence[str]) -> None:
        self.library = library
        self.columns = [(place, key, library.facts[key]) for place, key in enumerate(keys) if key in library.facts]
        self.known = {key for _place, key, _fact in self.columns} | {each.fact.key for each in library.derived}
        self.kept: dict[tuple[str, str], Any] = {}

    def facts(self, cells: Sequence[str]) -> Mapping[str, Any]:
        """Complete. Raises `FactError`."""
        found: dict[str, Any] = {}
        for place, key, fact in self.columns:
            cell = cells[place]
            if not cell:
                continue
            value = self.kept.get((key, cell))
            if value is None:
                value = parse(fact, cell.strip())
                if len(self.kept) < MOST_KEPT:
                    self.kept[key, cell] = value
            if value is not UNKNOWN:
                found[key] = value
        return self.library.completed(found)


def problem_of(row: Row, problem: FactError) -> tuple[int, str]:
    return row.line, f"{problem.key}: {problem}"
