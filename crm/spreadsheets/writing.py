"""Tables written out, so that no cell runs as a formula; rejected rows in a file to mend and import again."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any, NamedTuple

from crm.spreadsheets.formulas import guard

Value = str | int | float | Decimal | date | datetime | bool | None

# The same in every language: by it a mended file is known again.
MEND_COLUMN = "What to mend"
_LONGEST = 32_767


def write_csv(output: IO[bytes], headers: Sequence[str], rows: Iterable[Sequence[Value]]) -> int:
    """UTF-8 with a byte-order mark, so that Excel shows accents. Returns the number of rows."""
    text = io.TextIOWrapper(output, encoding="utf-8-sig", newline="", errors="replace")
    writer = csv.writer(text)
    writer.writerow([guard(header) for header in headers])
    count = 0
    for row in rows:
        count += 1
        writer.writerow([guard(value) if isinstance(value, str) else _csv_value(value) for value in row])
    text.flush()
    text.detach()
    return count


def _csv_value(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    return str(value)  # a number starts with a minus sign at most, which is no formula


class Sheet(NamedTuple):
    """A sheet of a workbook."""

    title: str
    headers: Sequence[str]
    rows: Iterable[Sequence[Value]]


def write_xlsx(
    output: IO[bytes], headers: Sequence[str], rows: Iterable[Sequence[Value]], sheet: str = ""
) -> int:
    """Text as text, numbers and dates as such. Returns the number of rows."""
    return write_workbook(output, [Sheet(sheet, headers, rows)])


def write_workbook(output: IO[bytes], sheets: Iterable[Sheet]) -> int:
    """The same with several sheets. Returns the number of rows of all."""
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(output, options) as workbook:
        bold = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        formats: dict[type, Any] = {
            date: workbook.add_format({"num_format": "yyyy-mm-dd"}),
            datetime: workbook.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        }
        return sum(_write_sheet(workbook.add_worksheet(_sheet_name(sheet.title) or None), sheet, bold, formats) for sheet in sheets)


def _write_sheet(page: Any, sheet: Sheet, bold: Any, formats: dict[type, Any]) -> int:
    page.freeze_panes(1, 0)
    for column, header in enumerate(sheet.headers):
        page.write_string(0, column, header, bold)
        page.set_column(column, column, min(max(len(header) + 2, 12), 40))
    count = 0
    for count, row in enumerate(sheet.rows, start=1):
        for column, value in enumerate(row):
            _write_cell(page, count, column, value, formats)
    page.autofilter(0, 0, max(count, 1), max(len(sheet.headers) - 1, 0))
    return count


def _write_cell(page: Any, row: int, column: int, value: Value, formats: dict[type, Any]) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        page.write_boolean(row, column, value)
    elif isinstance(value, int | float | Decimal):
        page.write_number(row, column, value)
    elif isinstance(value, date):
        plain = value.replace(tzinfo=None) if isinstance(value, datetime) else value
        page.write_datetime(row, column, plain, formats[type(value)])
    else:
        page.write_string(row, column, value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…")


def _sheet_name(text: str) -> str:
    return "".join(" " if character in "[]:*?/\\" else character for character in text).strip(" '")[:31]


def write_rejects(
    output: IO[bytes], headers: Sequence[str], rejects: Iterable[tuple[Sequence[str], str]]
) -> int:
    """The rows as they came, each with what to mend. Reading the file leaves that column out again."""
    width = len(headers)

    def with_reason() -> Iterable[list[str]]:
        for cells, reason in rejects:
            padded = [*cells, *[""] * (width - len(cells))]
            yield [*padded[:width], reason, *padded[width:]]

    return write_csv(output, [*headers, MEND_COLUMN], with_reason())
