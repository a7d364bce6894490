"""Hires in a CSV, one a row: a column for each fact that is known, by its key, and beside them who hires where, for whom.

An empty cell is a fact that no one told. A cell that does not fit makes its row a finding with its line; the row then counts for nothing.
"""

import csv
import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from crm.errors import Invalid
from crm.rulebook.facts import UNKNOWN, Fact, FactError, parse
from crm.rulebook.formulas import facts_of
from crm.rulebook.library import Library
from crm.rulebook.programs import Program
from crm.translation import _

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


def read(file: Path, *libraries: Library, named: str = "") -> HireFile:
    """`named`: what its person calls it. Raises `Invalid` for a file that cannot be read and for a column that is neither a fact of one of the libraries nor a label."""
    name = named or str(file)
    try:
        lines = list(csv.reader(file.read_text(encoding="utf-8-sig").splitlines(), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise Invalid(_("%(file)s: this cannot be read as CSV in UTF-8: %(problem)s.") % {"file": name, "problem": problem}) from problem
    header = [each.strip() for each in lines[0]] if lines else []
    known = {key for library in libraries for key in library.facts}
    for place, column in enumerate(header):
        if column not in known and column not in LABELS:
            near = difflib.get_close_matches(column, sorted({*known, *LABELS}), n=1)
            said = {"file": name, "column": column, "labels": ", ".join(LABELS), "near": _("Did you mean '%(near)s'?") % {"near": near[0]} + " " if near else ""}
            raise Invalid(_("%(file)s, line 1: the column '%(column)s' is no fact and none of %(labels)s. %(near)s`crm rules facts` lists the facts.") % said)
        if column in header[:place]:
            raise Invalid(_("%(file)s, line 1: the column '%(column)s' stands twice. Keep one of the two.") % {"file": name, "column": column})
    if len(lines) < 2:
        raise Invalid(_("%(file)s: write a line with the names of the columns, and one for each hire.") % {"file": name})
    if len(lines) > MOST_ROWS:
        raise Invalid(_("%(file)s: at most %(most)s hires are read at once.") % {"file": name, "most": f"{MOST_ROWS:,}"})
    places = {column: place for place, column in enumerate(header)}
    facts = [column for column in header if column not in LABELS]
    rows, findings = [], []
    for number, cells in enumerate(lines[1:], start=2):
        if len(cells) != len(header):
            short = _("%(values)s values for %(columns)s columns. Put quotes round a value with a comma.")
            findings.append((number, short % {"values": len(cells), "columns": len(header)}))
            continue
        labels = tuple(cells[places[label]].strip() if label in places else "" for label in LABELS)
        rows.append(Row(number, labels, tuple(cells[places[key]] for key in facts)))
    return HireFile(tuple(facts), tuple(rows), tuple(findings))


def columns_of(library: Library, program: Program) -> list[Fact]:
    """The facts that rows may tell for a program: those that it asks, and those from which they follow."""
    sources = {each.fact.key: facts_of(each.formula) for each in library.derived}
    keys = dict.fromkeys(key for asked in program.facts for key in (asked, *sources.get(asked, ())))
    return [library.facts[key] for key in keys]


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
