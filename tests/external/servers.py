"""Throw-away servers from Debian's packages, on sockets in a folder of their own."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BINARIES = Path("/usr/lib/postgresql/15/bin")
PASSWORD = "throwaway"
NOBODY = 65534
FAST = [f"--{name}" for name in ("listen_addresses=", "fsync=off", "full_page_writes=off", "synchronous_commit=off")]
# PostgreSQL refuses root
AS_NOBODY: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A folder that the servers' user owns, and anyone may pass through."""
    with tempfile.TemporaryDirectory(prefix="crm-external-") as made:
        Path(made).chmod(0o711)
        if AS_NOBODY:
            os.chown(made, NOBODY, NOBODY)
        yield Path(made)


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """PostgreSQL 15; yields the superuser's address."""
    with folder() as place:
        password = place / "password"
        password.write_text(PASSWORD)
        subprocess.run(
            [BINARIES / "initdb", "-D", place / "data", "-U", "postgres", f"--pwfile={password}", "--auth=scram-sha-256",
             "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
            check=True, stdout=subprocess.DEVNULL, cwd=place, **AS_NOBODY,
        )  # fmt: skip
        command = [BINARIES / "postgres", "-D", place / "data", "-k", place, *FAST]
        with _running(command, place, signal.SIGINT):
            _until(lambda: "ready" in _text(place / "data" / "postmaster.pid"), place)
            yield f"postgresql://postgres:{PASSWORD}@/postgres?host={place}"


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """Redis 7; yields its address."""
    with folder() as place:
        command = ["redis-server", "--port", "0", "--unixsocket", "redis.sock", "--requirepass", PASSWORD, "--save", ""]
        with _running(command, place, signal.SIGTERM):
            _until((place / "redis.sock").exists, place)
            yield f"unix://:{PASSWORD}@{place}/redis.sock"


def missing() -> list[str]:
    """Debian's packages that are not here."""
    found = {"postgresql-15": (BINARIES / "postgres").exists(), "redis-server": shutil.which("redis-server")}
    return [package for package, here in found.items() if not here]


@contextlib.contextmanager
def _running(command: list[Any], place: Path, how: signal.Signals) -> Iterator[None]:
    with (place / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=place, stdout=log, stderr=log, start_new_session=True, **AS_NOBODY)
    try:
        yield
    finally:
        process.send_signal(how)
        process.wait(60)


def _until(condition: Any, place: Path) -> None:
    for _try in range(600):
        if condition():
            return
        time.sleep(0.05)
    raise RuntimeError(f"The server did not get ready. {_text(place / 'log')[-500:]}")


def _text(file: Path) -> str:
    return file.read_text() if file.exists() else ""
