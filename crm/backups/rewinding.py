"""Put an installation back as of any moment, from the journal that the embedded database shipped."""

import asyncio
import os
import shutil
import tarfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import asyncpg
import msgspec

from crm import files, sealing
from crm.backups.database_tools import ToolFailed, tool
from crm.backups.journal import PARTIAL, Base, bases_in, moment_of, open_base, reached, read_head
from crm.backups.sealed_archive import SealedReader
from crm.database import fetch, transaction
from crm.embedded import SERVER, Place, postgres, running
from crm.errors import Conflict, UserError
from crm.program import database
from crm.settings import Settings

SETTINGS = "postgresql.auto.conf"


class NoSuchMoment(UserError):
    status = 422
    code = "journal"


class Rewound(msgspec.Struct, frozen=True):
    """Up to which moment everything is back, and what is not."""

    as_of: datetime
    files: int
    seconds: float
    problems: list[str]


async def rewind(settings: Settings, folder: Path, until: datetime | None = None) -> Rewound:
    """Bring back all that was committed up to the moment, or all that was shipped, into an empty data folder.

    The files come first and the database last: what dies in between leaves no database, and is done again.
    Raises `NoSuchMoment`, `Conflict`, `ArchiveBroken`, `ToolFailed` and `EmbeddedProblem`.
    """
    started, last = time.monotonic(), reached(folder)
    if last is None:
        raise NoSuchMoment(f"{folder} holds no journal: it has no file 'reached'. Name the folder that CRM_JOURNAL_FOLDER was.")
    base = _before(folder, until)
    place = Place(settings.data)
    place.prepare()
    with _held(place):
        sealing.use_keys(*settings.secret_keys)
        files.start(settings)
        count = await _bring_files(folder)
        making = place.postgres / "making"
        password = await asyncio.to_thread(_unpack, settings, folder, base, place, making)
        await _verify(making)
        own = await asyncio.to_thread(_appear, place, making, password, until if until is not None and until < last else None)
        await _play(place, own)
    async with running(settings) as addresses, database(addresses, size=2):
        missing = await _missing_files()
    return Rewound(min(until or last, last), count, round(time.monotonic() - started, 1), missing)


def _before(folder: Path, until: datetime | None) -> Path:
    found = bases_in(folder)
    fitting = [base for base in found if until is None or moment_of(base) <= until]
    if not fitting:
        first = f"The earliest moment is {moment_of(found[-1]):%Y-%m-%d %H:%M:%S} UTC." if found else "It holds no whole copy yet."
        raise NoSuchMoment(f"The journal in {folder} does not reach that far back. {first}")
    return fitting[0]


@contextmanager
def _held(place: Place) -> Iterator[None]:
    lock = place.lock()
    if lock is None:
        raise place.refusal()
    with lock:
        if (place.postgres / "data").exists():
            raise Conflict(f"{place.data} holds a database already. Set CRM_DATA to a new folder; nothing is ever written over.")
        yield


async def _bring_files(folder: Path) -> int:
    names = [str(path.relative_to(folder / "files")) for path in (folder / "files").rglob("*") if path.is_file() and path.suffix != files.PART]
    for name in names:
        await files.put_sealed(name, await asyncio.to_thread((folder / "files" / name).read_bytes), replace=True)
    return len(names)


def _unpack(settings: Settings, folder: Path, base: Path, place: Place, making: Path) -> str:
    """The copy and its journal, beside the place where the server looks for them; the superuser's password."""
    segments = _journal_of(place)
    for left in (making, segments):
        shutil.rmtree(left, ignore_errors=True)
        left.mkdir(mode=0o700)
    with open_base(base, settings) as archive:
        head = read_head(archive)
        if int(head.server.partition(".")[0]) != SERVER:
            raise ToolFailed(f"This journal is PostgreSQL {head.server.partition('.')[0]}'s; this program brings {SERVER}. "
                             "Put it back with a program of that version.")  # fmt: skip
        copy = archive.next()
        content = archive.extractfile(copy) if copy else None
        with tarfile.open(fileobj=content, mode="r|gz") as inner:
            _extract(inner, making)
    _bring_segments(settings, folder, head, segments)
    return head.password


def _journal_of(place: Place) -> Path:
    return place.postgres / "journal"


def _extract(archive: tarfile.TarFile, target: Path) -> None:
    """Folders and files alone: a copy of ours holds nothing else."""
    for member in archive:
        path = target / member.name
        if not path.resolve().is_relative_to(target.resolve()):
            raise ToolFailed(f"The copy of the database holds {member.name}, which lies outside of it.")
        if member.isdir():
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
            continue
        content = archive.extractfile(member)
        if content is None:
            raise ToolFailed(f"The copy of the database holds {member.name}, which is neither folder nor file.")
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            shutil.copyfileobj(content, out)


def _bring_segments(settings: Settings, folder: Path, head: Base, target: Path) -> None:
    for sealed in sorted((folder / "segments").iterdir()):
        name = sealed.name.removesuffix(PARTIAL)
        if sealed.name.startswith(".") or (name < head.start and not name.endswith(".history")):
            continue
        if sealed.suffix == PARTIAL and (sealed.with_name(name)).exists():
            continue
        reader, parts = SealedReader(sealed, *settings.secret_keys), []
        while part := reader.read(1024 * 1024):
            parts.append(part)
        (target / name).write_bytes(zlib.decompress(b"".join(parts)))


def _give(place: Place, *folders: Path) -> None:
    """To the servers' user, who alone may read them."""
    for folder in folders:
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o700 if path.is_dir() else 0o600)
            if place.user:
                os.chown(path, *place.user)


async def _verify(making: Path) -> None:
    """That each file of the copy is as it was when it was taken."""
    verify = await asyncio.create_subprocess_exec(
        tool("pg_verifybackup"), "--no-parse-wal", "--quiet", making, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _none, complained = await verify.communicate()
    if verify.returncode:
        raise ToolFailed(f"The copy of the database is not whole: {complained.decode(errors='replace').strip()[-300:]}")


def _appear(place: Place, making: Path, password: str, until: datetime | None) -> str:
    """Told how to play its journal, under the name by which the server finds it; its own settings, which hold afterwards.

    From then on it plays whoever starts it: what dies before it is done goes on with the next start.
    """
    journal, settings = _journal_of(place), making / SETTINGS
    own = settings.read_text()
    told = {"restore_command": f'cp "{journal}/%f" "%p"', "recovery_target_action": "promote", "hot_standby": "off",
            "recovery_target_time": until.isoformat() if until else ""}  # fmt: skip
    settings.write_text(own + "".join(f"{name} = '{value}'\n" for name, value in told.items() if value))
    (making / "recovery.signal").touch()
    _give(place, making, journal)
    place.keep_password("postgres", password)
    making.rename(place.postgres / "data")
    return own


async def _play(place: Place, own: str) -> None:
    """Start the server, which plays the journal, and wait until it has ended that and begun anew from there."""
    async with postgres(place):
        connection = await asyncpg.connect(place.database_url("postgres", place.password("postgres"), "postgres"))
        await connection.close()
    (place.postgres / "data" / SETTINGS).write_text(own)
    shutil.rmtree(_journal_of(place))


async def _missing_files() -> list[str]:
    async with transaction(read_only=True):
        rows = await fetch("select storage_key from stored_file order by storage_key")
    problems = []
    for row in rows:
        try:
            await files.read(row["storage_key"])
        except UserError as problem:
            problems.append(f"The file {row['storage_key']}: {problem}")
    return problems
