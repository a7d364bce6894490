"""Excel workbooks: sizes looked at before opening, then read by a limited process, row by row."""

import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any, NamedTuple, NoReturn

from crm.spreadsheets.limits import Limits, Unreadable, readable_size
from crm.translation import _


class SheetFacts(NamedTuple):
    sheets: tuple[str, ...]
    sheet: str


_READER = Path(__file__).with_name("workbook_reader.py")
_CLAIM = re.compile(rb'<dimension[^>]*\bref="[A-Z]{1,3}\d+:([A-Z]{1,3})(\d+)"')
_PARTS = 2_000
_FORGIVEN = 4  # times the columns allowed may be claimed: empty ones at the right are common
_SMALL = 10 * 2**20  # unpacked bytes below which no ratio is suspicious


def check_workbook(path: Path, limits: Limits) -> None:
    """Refuses by the zip's directory and the sheets' claimed sizes, before anything is unpacked whole."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            _check_parts(parts, limits)
            for part in parts:
                if part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml"):
                    with archive.open(part) as sheet:
                        _check_claim(sheet.read(4_096), limits)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        _refuse_damaged(error)


def _check_parts(parts: list[zipfile.ZipInfo], limits: Limits) -> None:
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names:
        message = _("This is a ZIP archive or a document, not a workbook: save the table as CSV or XLSX.")
        raise Unreadable(message)
    packed, unpacked = sum(part.compress_size for part in parts), sum(part.file_size for part in parts)
    bomb = unpacked > _SMALL and unpacked > limits.ratio * max(packed, 1)
    if unpacked > limits.unpacked or bomb or len(parts) > _PARTS:
        message = _(
            "This workbook unpacks to %(size)s, which is too much to open safely: save it as CSV instead."
        )
        raise Unreadable(message % {"size": readable_size(unpacked)})


def _check_claim(head: bytes, limits: Limits) -> None:
    if match := _CLAIM.search(head):
        columns, rows = _column_number(match[1].decode()), int(match[2])
        if columns > _FORGIVEN * limits.columns or rows > limits.rows + 100_000:
            _refuse_claim(columns, rows)


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _refuse_claim(columns: int, rows: int) -> NoReturn:
    message = _(
        "A sheet claims to hold %(rows)s rows and %(columns)s columns. Delete the empty rows and columns "
        "around the table, or copy the table into a new workbook, and save again."
    )
    raise Unreadable(message % {"rows": f"{rows:,}", "columns": f"{columns:,}"})


def _refuse_damaged(error: object) -> NoReturn:
    message = _(
        "This workbook is damaged or locked by a password: open it, save it again as XLSX, and retry."
    )
    raise Unreadable(message, detail=str(error))


def workbook_start(path: Path, sheet: str, limits: Limits, count: int) -> tuple[SheetFacts, list[list[str]]]:
    """The sheet that is read (the named one, or the first visible one not empty) and its first rows."""
    with _reading(path, sheet, limits) as lines:
        return _facts(next(lines, None), limits), list(islice(_rows(lines), count))


def workbook_records(path: Path, sheet: str, limits: Limits) -> Iterator[list[str]]:
    """Every row of the sheet as texts, empty rows too, so that the n-th is row n of the sheet."""
    with _reading(path, sheet, limits) as lines:
        _facts(next(lines, None), limits)
        yield from _rows(lines)


def _rows(lines: Iterator[Any]) -> Iterator[list[str]]:
    for line in lines:
        if isinstance(line, dict):
            _refuse(line)
        yield line


def _facts(line: Any, limits: Limits) -> SheetFacts:
    if not isinstance(line, dict) or "error" in line:
        _refuse(line or {"error": "nothing"})
    if line["columns"] > _FORGIVEN * limits.columns:
        _refuse_claim(line["columns"], line["rows"])
    return SheetFacts(tuple(line["sheets"]), line["sheet"])


def _refuse(line: dict[str, Any]) -> NoReturn:
    if line["error"] == "no sheet":
        message = _("There is no such sheet to read. Sheets: %(names)s.")
        raise Unreadable(message % {"names": ", ".join(line["sheets"]) or "–"})
    if line["error"] == "memory":
        message = _(
            "This workbook takes too much memory or time to open: save the sheet as CSV and import that."
        )
        raise Unreadable(message)
    _refuse_damaged(line["error"])


@contextmanager
def _reading(path: Path, sheet: str, limits: Limits) -> Iterator[Iterator[Any]]:
    arguments = [str(path), sheet, str(limits.memory), str(limits.seconds), str(_FORGIVEN * limits.columns)]
    process = subprocess.Popen(
        [sys.executable, "-I", str(_READER), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
    )
    assert process.stdout is not None
    try:
        yield _lines(process, process.stdout)
    finally:
        process.kill()
        process.stdout.close()
        process.wait()


def _lines(process: subprocess.Popen[bytes], output: IO[bytes]) -> Iterator[Any]:
    for line in output:
        if line == b"[]\n":
            yield []
        else:
            yield json.loads(line) if line.endswith(b"\n") else {"error": "memory"}
    if process.wait() < 0:  # ended by a signal: one of its limits, or the parser gave up
        yield {"error": "memory"}
    elif process.returncode:
        yield {"error": "damaged"}
