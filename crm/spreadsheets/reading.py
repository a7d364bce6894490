"""A table in a file: CSV or XLSX, checked before it is read, then read row by row in constant memory."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from crm.spreadsheets.formulas import bare
from crm.spreadsheets.limits import LIMITS, Limits, Unreadable, readable_size
from crm.spreadsheets.text_files import detect_text_format, text_records
from crm.spreadsheets.workbooks import check_workbook, workbook_records, workbook_start
from crm.spreadsheets.writing import MEND_COLUMN
from crm.translation import _

Records = Callable[[], Iterator[list[str]]]


class Row(NamedTuple):
    number: int  # as the spreadsheet shows it, from 1
    cells: list[str]  # as many as there are headers; more only with a problem
    problem: str  # why the row cannot be used as it stands, or ""


class Spreadsheet(NamedTuple):
    headers: list[str]  # unique, none empty
    header_row: int
    encoding: str  # "" for a workbook
    delimiter: str
    sheets: tuple[str, ...]
    sheet: str
    notes: tuple[str, ...]
    records: Records
    head: list[list[str]]  # the first records, from row 1
    limits: Limits
    dropped: int | None  # place of the column "What to mend" of a file of rejected rows

    def rows(self) -> Iterator[Row]:
        """Every row below the header that is not empty, each once, in the order of the file."""
        return self._rows(self.records())

    def sample(self) -> list[list[str]]:
        """The first rows, for a preview and for guessing what the columns hold."""
        return [row.cells[: len(self.headers)] for row in self._rows(iter(self.head))]

    def _rows(self, records: Iterator[list[str]]) -> Iterator[Row]:
        width, count, start = len(self.headers), 0, self.header_row
        for number, record in enumerate(islice(records, start, None), start=start + 1):
            cells = [_plain(cell) for cell in record]
            if self.dropped is not None:
                del cells[self.dropped : self.dropped + 1]
            if not any(cells):
                continue
            count += 1
            if count > self.limits.rows:
                raise Unreadable(_too_many_rows(self.limits))
            yield _shaped(number, cells, width, self.limits)


_HEAD = 100
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufeff\ufffe\uffff\ud800-\udfff]")
_SIGNATURES = {
    b"\xd0\xcf\x11\xe0": "Excel 97–2003 (.xls)",
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"\x1f\x8b": "gzip",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7-Zip",
    b"{\\rtf": "RTF",
    b"SQLite format": "SQLite",
}
_PAGE = re.compile(rb"\s*<(?:!doctype|html|table|\?xml)", re.IGNORECASE)


def open_spreadsheet(
    path: Path, *, encoding: str = "", delimiter: str = "", sheet: str = "", limits: Limits = LIMITS
) -> Spreadsheet:
    """Raises Unreadable with what to do. Nothing is read beyond the first rows, but for the character set."""
    if _is_workbook(path, limits):
        check_workbook(path, limits)
        facts, head = workbook_start(path, sheet, limits, _HEAD)
        opened = _opened(partial(workbook_records, path, facts.sheet, limits), head, limits)
        return opened._replace(sheets=facts.sheets, sheet=facts.sheet)
    form = detect_text_format(path, encoding, delimiter)
    records = partial(text_records, path, form)
    opened = _opened(records, list(islice(records(), _HEAD)), limits)
    return opened._replace(encoding=form.encoding, delimiter=form.delimiter)


def _is_workbook(path: Path, limits: Limits) -> bool:
    size = path.stat().st_size
    if size == 0:
        raise Unreadable(_("This file is empty (0 bytes): was it saved or sent completely?"))
    if size > limits.bytes:
        message = _("This file has %(size)s; at most %(limit)s can be imported. Split it into smaller files.")
        raise Unreadable(message % {"size": readable_size(size), "limit": readable_size(limits.bytes)})
    with path.open("rb") as file:
        head = file.read(512)
    kind = next((name for start, name in _SIGNATURES.items() if head.startswith(start)), "")
    if _PAGE.match(head.removeprefix(b"\xef\xbb\xbf")):
        kind = "HTML or XML"
    if kind:
        raise Unreadable(
            _("This is a file of the kind %(kind)s. Save it as CSV (UTF-8) or XLSX.") % {"kind": kind}
        )
    return head.startswith(b"PK\x03\x04")


def _opened(records: Records, head: list[list[str]], limits: Limits) -> Spreadsheet:
    header_row = _find_header(head)
    raw = [_plain(cell).strip() for cell in head[header_row - 1]]
    while raw and not raw[-1]:
        raw.pop()
    if len(raw) > limits.columns:
        raise Unreadable(_too_many_columns(len(raw), limits))
    headers, notes = _name_columns(raw)
    dropped = headers.index(MEND_COLUMN) if MEND_COLUMN in headers else None
    if dropped is not None:
        del headers[dropped]
    opened = Spreadsheet(
        headers=headers,
        header_row=header_row,
        encoding="",
        delimiter="",
        sheets=(),
        sheet="",
        notes=tuple(notes),
        records=records,
        head=head,
        limits=limits,
        dropped=dropped,
    )
    if not opened.sample() and next(opened.rows(), None) is None:
        raise Unreadable(_("There are no rows below the column names in row %(row)s.") % {"row": header_row})
    return opened


def _find_header(first: list[list[str]]) -> int:
    """The first row with two filled cells, for titles stand above; else the first that is not empty."""
    filled = [sum(1 for cell in record if cell.strip()) for record in first[:30]]
    if not any(filled):
        raise Unreadable(_("There is no text in the first rows: is the table on this sheet?"))
    return (
        next((at for at, count in enumerate(filled) if count > 1), filled.index(1) if 1 in filled else 0) + 1
    )


def _name_columns(raw: list[str]) -> tuple[list[str], list[str]]:
    headers: list[str] = []
    notes: list[str] = []
    for position, given in enumerate(raw, start=1):
        name = " ".join(given.split())[:100] or _("Column %(number)s") % {"number": position}
        unique, times = name, 1
        while unique in headers:
            times += 1
            unique = f"{name} ({times})"
        if not given:
            notes.append(_("Column %(number)s has no name.") % {"number": position})
        elif unique != name:
            notes.append(_("Two columns are called “%(name)s”.") % {"name": name})
        headers.append(unique)
    return headers, notes


def _plain(cell: str) -> str:
    """Composed letters, no control characters but line breaks and tabs, no guard against formulas."""
    if cell.isascii() and cell.isprintable() and cell[:1] != "'":
        return cell
    if not cell.isascii():
        cell = unicodedata.normalize("NFC", cell)
    return bare(_CONTROLS.sub("", cell.replace("\r\n", "\n").replace("\r", "\n")))


def _shaped(number: int, cells: list[str], width: int, limits: Limits) -> Row:
    if len(cells) < width:
        cells += [""] * (width - len(cells))
    elif len(cells) > width:
        if any(cell.strip() for cell in cells[width:]):
            message = _("This row has %(found)s cells, but there are %(wanted)s columns.")
            return Row(number, cells, message % {"found": len(cells), "wanted": width})
        del cells[width:]
    if any(len(cell) > limits.cell for cell in cells):
        message = _("A cell of this row has more than %(limit)s characters.")
        return Row(number, cells, message % {"limit": f"{limits.cell:,}"})
    return Row(number, cells, "")


def _too_many_columns(found: int, limits: Limits) -> str:
    message = _(
        "This table has %(found)s columns; at most %(limit)s can be imported. Delete those you do not need."
    )
    return message % {"found": f"{found:,}", "limit": limits.columns}


def _too_many_rows(limits: Limits) -> str:
    message = _("This table has more than %(limit)s rows. Split it into smaller files.")
    return message % {"limit": f"{limits.rows:,}"}
