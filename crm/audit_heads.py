"""Heads of the record's blocks, kept outside the database: whoever owns that can write the whole chain anew, but not these.

A line is the number of a block, its hash and when it was sealed. Lines are only ever added, so the file may lie on a
medium, or have an attribute (`chattr +a`), that allows nothing else. A line that was cut by a crash is written again.
"""

import asyncio
import fcntl
import os
import re
from collections.abc import Iterable, Iterator
from datetime import UTC
from pathlib import Path

import structlog
from msgspec import Struct

from crm.database import Record, fetch, transaction
from crm.errors import Invalid
from crm.settings import Settings

log = structlog.get_logger("crm.audit")

TAIL = 4096  # bytes; holds the last line
BATCH = 10_000  # lines of one write
_LINE = re.compile(r"(\d+) ([0-9a-f]{64}) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?\+00:00)\n?")


class Head(Struct, frozen=True):
    number: int
    hash: str
    sealed_at: str = ""  # unknown where a person gives the head

    @classmethod
    def of(cls, block: Record) -> "Head":
        return cls(block["number"], block["hash"].hex(), block["sealed_at"].astimezone(UTC).isoformat())

    def line(self) -> str:
        return f"{self.number} {self.hash} {self.sealed_at}\n"


def file_of(settings: Settings) -> Path:
    return settings.data / "record-heads"


def read(file: Path) -> Iterator[Head]:
    """The heads in a file, which need not exist. What is added after the first was read is left out: a comparison under way
    looks at the blocks of its beginning."""
    if file.exists():
        with file.open("rb") as lines:
            left = os.fstat(lines.fileno()).st_size
            for line in lines:
                left -= len(line)
                if left >= 0 and (head := _parsed(line.decode("ascii", "replace"))):
                    yield head


def parse(text: str) -> Head:
    """A head as a mail gives it: number:hash. Raises `Invalid`."""
    number, _colon, digest = text.strip().partition(":")
    if not number.isdigit() or not re.fullmatch("[0-9a-f]{64}", digest):
        raise Invalid(f"'{text}' is no head. Give it as in the mail: the block's number, a colon, 64 digits and letters a to f.")
    return Head(int(number), digest)


def _parsed(line: str) -> Head | None:
    found = _LINE.fullmatch(line)
    return Head(int(found[1]), found[2], found[3]) if found else None


class Keeper:
    """Adds to the file what was sealed since. Any number of processes may, in one file or each in its own."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.told = False

    async def keep(self) -> int:
        """The number of heads added: none when the last one kept is not that of the database."""
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o711)
        with os.fdopen(os.open(self.file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600), "r+b", buffering=0) as opened:
            try:
                fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return 0  # another process is at it
            last, whole = _last(opened.fileno())
            found = await _heads_from(last.number if last else 1)
            if last and (not found or found.pop(0) != last):
                self._tell(last)
                return 0
            if found:
                lines = ("" if whole else "\n") + "".join(head.line() for head in found)
                await asyncio.to_thread(_add, opened.fileno(), lines.encode())
            return len(found)

    def _tell(self, last: Head) -> None:
        if not self.told:
            log.error("record_is_not_what_was_kept", problem=f"block {last.number}", path=str(self.file))
        self.told = True


def _add(handle: int, lines: bytes) -> None:
    os.write(handle, lines)
    os.fsync(handle)


def _last(handle: int) -> tuple[Head | None, bool]:
    """The last head, and whether the file ends with a whole line."""
    size = os.fstat(handle).st_size
    tail = os.pread(handle, TAIL, max(0, size - TAIL)).decode("ascii", "replace")
    heads = [head for line in tail.splitlines() if (head := _parsed(line))]
    return (heads[-1] if heads else None), tail.endswith("\n") or not tail


async def _heads_from(number: int) -> list[Head]:
    async with transaction(read_only=True):
        return [
            Head.of(block)
            for block in await fetch(
                "select number, hash, sealed_at from audit_block where number >= $1 order by number limit $2", number, BATCH
            )
        ]


class Comparison:
    """The blocks, told one by one in their order, beside the heads that were kept of them."""

    def __init__(self, heads: Iterable[Head]) -> None:
        self._heads = iter(heads)
        self._next = next(self._heads, None)
        self.read = 0

    def block(self, found: Head) -> list[str]:
        problems = self._gone(found.number)
        if self._next is not None and self._next.number == found.number:
            if self._next.hash != found.hash:
                problems.append(f"Block {found.number} is not the one whose head was kept.")
            elif self._next.sealed_at not in {"", found.sealed_at}:
                problems.append(f"Block {found.number} was sealed at {self._next.sealed_at}; the database says {found.sealed_at}.")
            self._advance()
        return problems

    def end(self) -> list[str]:
        return self._gone(None)

    def _gone(self, before: int | None) -> list[str]:
        """What was kept, up to the block that was found, and is not in the database."""
        first = last = self._next
        while self._next is not None and (before is None or self._next.number < before):
            last = self._next
            self._advance()
        if first is None or last is None or first is self._next:
            return []
        named = f"Block {first.number} is" if first is last else f"Blocks {first.number} to {last.number} are"
        return [f"{named} not in the database any more; what was kept of them ends with {last.hash}."]

    def _advance(self) -> None:
        self._next = next(self._heads, None)
        self.read += 1

