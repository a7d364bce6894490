"""How large a spreadsheet may be, and sizes in words."""

from typing import NamedTuple

from crm.errors import Invalid


class Limits(NamedTuple):
    bytes: int = 256 * 2**20
    columns: int = 150
    rows: int = 1_000_000
    cell: int = 32_767  # characters: what Excel and LibreOffice hold
    unpacked: int = 2**30  # bytes of all parts of a workbook
    ratio: int = 100  # unpacked to packed
    memory: int = 2 * 2**30  # bytes of address space of the process that opens a workbook
    seconds: int = 300  # of processor time of that process


LIMITS = Limits()


class Unreadable(Invalid):
    """A file that cannot be read as a table; the message says what to do."""

    code = "unreadable_file"


def readable_size(size: int) -> str:
    """2147483648 → 2.0 GB."""
    amount, unit = float(size), "bytes"
    for larger in ("kB", "MB", "GB"):
        if amount < 1000:
            break
        amount, unit = amount / 1024, larger
    return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
