"""Tables of a network as CSV: the columns that are there, and what may stand in each."""

import csv
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from crm.rulebook import reading
from crm.rulebook.file_errors import RuleFileError
from crm.translation import _

# for each column: what may stand in it; None for any text, an empty one too
Columns = Mapping[str, Collection[str] | None]


def rows(file: Path, columns: Columns, *, once: str = "") -> Iterator[dict[str, str]]:
    """Each row by column. Raises `RuleFileError` with the line for a column or value that may not stand there.

    `once` names the column whose values stand once in the file.
    """
    try:
        lines = list(csv.reader(file.read_text(encoding="utf-8-sig").splitlines(), strict=True))
    except UnicodeDecodeError as problem:
        raise RuleFileError(file, None, _("this file is not UTF-8 text. Save it as UTF-8.")) from problem
    except (OSError, csv.Error) as problem:
        raise RuleFileError(file, None, _("this file cannot be read: %(problem)s.") % {"problem": problem}) from problem
    _check_header(file, lines[0] if lines else [], columns)
    seen: set[str] = set()
    for number, values in enumerate(lines[1:], start=2):
        if len(values) != len(lines[0]):
            raise RuleFileError(
                file, number, _("%(values)s values for %(columns)s columns. Put quotes round a value with a comma.") % {"values": len(values), "columns": len(lines[0])}
            )
        row = dict(zip(lines[0], values, strict=True))
        _check_row(file, number, row, columns)
        if once and row[once] in seen:
            raise RuleFileError(file, number, _("'%(found)s' stands twice. Keep one of the two.") % {"found": row[once]})
        seen.add(row.get(once, ""))
        yield row


def _check_header(file: Path, header: list[str], columns: Columns) -> None:
    if sorted(header) != sorted(columns):
        found = ",".join(header) or "nothing"
        raise RuleFileError(file, 1, _("the columns are %(found)s; write %(list)s.") % {"found": found, "list": ','.join(columns)})


def _check_row(file: Path, line: int, row: Mapping[str, str], columns: Columns) -> None:

    for column, allowed in columns.items():
        if allowed is None or row[column] in allowed:
            continue
        raise RuleFileError(file, line, _("'%(found)s' is no %(column)s. %(allowed)s") % {"found": row[column], "column": column, "allowed": reading.meant(row[column], allowed)})
