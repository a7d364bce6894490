"""Reads one sheet of a workbook and prints its rows, one JSON line each. Run as a limited process of its own.

First line: {"sheets": […], "sheet": "…", "columns": n, "rows": n}; then a list of texts for each row,
an empty list for an empty row. On trouble: {"error": "…"}.
"""

import datetime
import json
import sys
from collections.abc import Callable
from typing import Any


def main(path: str, wanted: str, memory: int, seconds: int, widest: int) -> None:
    limit_process(memory, seconds)
    from python_calamine import CalamineError, CalamineWorkbook

    def say(value: Any) -> None:
        sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")

    sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    try:
        workbook = CalamineWorkbook.from_path(path)
        print_sheet(workbook, wanted, widest, say)
    except CalamineError as error:
        say({"error": f"damaged: {error}"})
    except MemoryError:
        say({"error": "memory"})


def limit_process(memory: int, seconds: int) -> None:
    try:
        import resource
    except ImportError:  # not on Windows: there the sizes checked before must do
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def print_sheet(workbook: Any, wanted: str, widest: int, say: Callable[[Any], None]) -> None:
    names = visible_sheets(workbook)
    if not names or (wanted and wanted not in names):
        say({"error": "no sheet", "sheets": names})
        return
    for name in [wanted] if wanted else names:
        sheet = workbook.get_sheet_by_name(name)
        if sheet.end is not None:
            break
    width = sheet.end[1] + 1 if sheet.end else 0
    say({"sheets": names, "sheet": name, "columns": width, "rows": sheet.end[0] + 1 if sheet.end else 0})
    if width <= widest:
        left = [""] * (sheet.start[1] if sheet.start else 0)
        for row in sheet.iter_rows():
            say(left + [as_text(value) for value in row] if any(value != "" for value in row) else [])


def visible_sheets(workbook: Any) -> list[str]:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    return [
        one.name
        for one in workbook.sheets_metadata
        if one.typ == SheetTypeEnum.WorkSheet and one.visible == SheetVisibleEnum.Visible
    ]


def as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return value.isoformat(" ") if isinstance(value, datetime.datetime) else str(value)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
