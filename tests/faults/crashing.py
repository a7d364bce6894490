"""The process dies at a chosen point: a statement, a commit, a file's rename or removal. Nothing of it runs afterwards."""

from contextlib import contextmanager
from pathlib import Path

import asyncpg

STATEMENTS = ("fetch", "fetchrow", "fetchval", "execute", "executemany", "copy_records_to_table")


class Crash(BaseException):
    """No `except Exception` may take it for a fault that can be told."""


class Crashing:
    """Counts the points that are passed; from the chosen one on, the process is as good as dead."""

    def __init__(self, at):
        self.at = at
        self.passed = 0
        self.where = ""

    def point(self, where, connection=None):
        if not self.where:
            self.passed += 1
            if self.passed != self.at:
                return
            self.where = where
        if connection is not None and not connection.is_closed():
            connection.terminate()  # what was not committed is gone
        raise Crash(self.where)


@contextmanager
def crash_at(at):
    """Everything inside dies at the `at`-th point, and at every point after it; `where` is empty if it never came so far."""
    crashing = Crashing(at)
    real = {(owner, name): getattr(owner, name) for owner, names in
            ((asyncpg.Connection, STATEMENTS), (Path, ("rename", "unlink"))) for name in names}  # fmt: skip
    for (owner, name), function in real.items():
        setattr(owner, name, (_file if owner is Path else _statement)(crashing, name, function))
    try:
        yield crashing
    finally:
        for (owner, name), function in real.items():
            setattr(owner, name, function)


def _statement(crashing, name, real):
    async def wrapped(self, *arguments, **named):
        text = " ".join(str(arguments[0]).split())[:100] if arguments else name
        crashing.point(text, self)
        answer = await real(self, *arguments, **named)
        if text.startswith("COMMIT"):  # it is done, but whoever asked never hears of it
            crashing.point("after the commit", self)
        return answer

    return wrapped


def _file(crashing, name, real):
    def wrapped(self, *arguments, **named):
        crashing.point(f"{name} {self.name}")
        answer = real(self, *arguments, **named)
        crashing.point(f"after {name} {self.name}")
        return answer

    return wrapped
