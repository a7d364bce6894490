"""Take a backup: the database as of one moment and every stored file that it names, in one sealed file."""

import asyncio
import io
import tarfile
import tempfile
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO, Any

import msgspec

from crm import __version__, files
from crm.backups.database_tools import run
from crm.backups.sealed_archive import SealedWriter
from crm.database import Login, fetch, fetch_value, transaction
from crm.errors import Unavailable
from crm.program import Program

SUFFIX = ".crmbackup"


class Manifest(msgspec.Struct, frozen=True):
    """What the backup holds, as counted in the same moment: a drill compares with it."""

    version: str
    taken_at: datetime
    server: str
    rows: dict[str, int]
    files: dict[str, str]  # name in the store: SHA-256 of the content, hexadecimal
    record_head: str
    migrations: list[str]


class Taken(msgspec.Struct, frozen=True):
    path: Path
    size: int
    manifest: Manifest


async def take(program: Program, folder: Path) -> Taken:
    """Write a backup into the folder; it appears there whole, readable by its owner alone. Raises `ToolFailed`."""
    now = datetime.now(UTC)
    target = folder / f"crm-{now:%Y-%m-%dT%H%M%SZ}{SUFFIX}"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        await asyncio.to_thread(files.drop_parts, folder)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".making-") as making:
            dump = Path(making) / "database.dump"
            manifest = await _dump(program, dump, now)
            fill = partial(_seal, dump, manifest, program.settings.secret_key, asyncio.get_running_loop())
            await asyncio.to_thread(files.write_whole, target, fill, replace=False)  # never over another backup
    except OSError as problem:
        raise Unavailable(f"The backup could not be written to {folder}: {problem.strerror}. Nothing was kept.") from problem
    return Taken(target, target.stat().st_size, manifest)


async def _dump(program: Program, target: Path, now: datetime) -> Manifest:
    """Dump and count in one snapshot."""
    owner = program.addresses.database[Login.OWNER]
    async with transaction(Login.OWNER):
        await fetch("set transaction isolation level repeatable read, read only")
        await fetch("set local idle_in_transaction_session_timeout = 0")
        snapshot = await fetch_value("select pg_export_snapshot()")
        await run("pg_dump", owner, "--format=custom", "--compress=6", "--no-owner", "--no-comments", "--enable-row-security",
                  f"--snapshot={snapshot}", f"--file={target}")  # fmt: skip
        return await describe(now)


async def describe(now: datetime) -> Manifest:
    """What the database holds, inside the open transaction."""
    tables = await fetch("select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by relname")
    head = await fetch_value("select encode(hash, 'hex') from audit_block order by number desc limit 1")
    stored = await fetch("select storage_key, encode(sha256, 'hex') as sha256 from stored_file order by storage_key")
    done = await fetch("select app_name || '/' || name as name from migration order by 1")
    return Manifest(
        version=__version__, taken_at=now, server=await fetch_value("show server_version"),
        rows={table["relname"]: await fetch_value(f'select count(*) from "{table["relname"]}"') for table in tables},
        files={row["storage_key"]: row["sha256"] for row in stored}, record_head=head or "", migrations=[row["name"] for row in done],
    )  # fmt: skip


def _seal(dump: Path, manifest: Manifest, secret_key: str, loop: asyncio.AbstractEventLoop, out: IO[bytes]) -> None:
    """In a thread; the stored files are read by the loop that waits for it."""
    writer = SealedWriter(out, secret_key)
    with tarfile.open(fileobj=writer, mode="w|", format=tarfile.PAX_FORMAT) as archive:  # type: ignore[call-overload]
        _add(archive, "manifest.json", msgspec.json.encode(manifest))
        archive.add(dump, "database.dump", filter=_nameless)
        for key in manifest.files:
            _add(archive, f"files/{key}", asyncio.run_coroutine_threadsafe(files.read_sealed(key), loop).result())
    writer.close()


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    told = tarfile.TarInfo(name)
    told.size = len(content)
    archive.addfile(told, io.BytesIO(content))


def _nameless(told: tarfile.TarInfo) -> Any:
    told.uid = told.gid = 0
    told.uname = told.gname = ""
    return told


def taken_at(path: Path) -> datetime:
    return datetime.strptime(path.name.removeprefix("crm-").removesuffix(SUFFIX), "%Y-%m-%dT%H%M%SZ").replace(tzinfo=UTC)


def backups_in(folder: Path) -> list[Path]:
    """The backups of a folder, newest first."""
    return sorted(folder.glob(f"crm-*{SUFFIX}"), reverse=True)
