"""The embedded database's journal, shipped as it is written: with it an installation comes back as of any moment.

In the folder of the journal, everything but the first and last sealed:

    cluster           which database it belongs to
    bases/…           the whole database, once a day, and where in the journal that starts
    segments/…        16 MB of journal each; the newest, `….partial`, is shipped again as it grows
    files/…           stored files, as they lie in the store
    reached           the moment up to which everything that was committed is here
"""

import asyncio
import contextlib
import io
import tarfile
import time
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, cast

import asyncpg
import msgspec
import structlog

from crm import files, sealing
from crm.backups.database_tools import ToolFailed, environment, tool
from crm.backups.sealed_archive import ArchiveBroken, SealedReader, SealedWriter
from crm.database import fetch, fetch_value, transaction
from crm.embedded import Place
from crm.errors import NotFound, UserError
from crm.settings import Settings

log = structlog.get_logger("crm.journal")

EVERY = 15.0  # seconds between looks: with a machine, at most what was committed since is lost
SLOT = "crm_journal"
ANEW = timedelta(days=1)
CONFIRMED = 30  # seconds until the receiver must have what was written
MOMENT = "%Y-%m-%dT%H%M%S.%fZ"
PARTIAL = ".partial"
_STATE = "select pg_current_snapshot()::text"
_SEALED_ANEW = "select max(id) from audit_entry where subject_kind = 'secret_key' and subject_id is null"


class Base(msgspec.Struct, frozen=True):
    """A whole copy of the database: its name is the moment at which it was complete, and `start`, for whoever lacks its key."""

    start: str  # the first segment that it needs
    server: str
    password: str  # of the cluster's superuser, which comes back with it


class Shipper:
    """Ships to `settings.journal_folder` from the servers in `place`, while this process runs them."""

    def __init__(self, settings: Settings, place: Place) -> None:
        self.settings = settings
        self.folder: Path = settings.journal_folder
        self.place = place
        self.spool = place.data / "spool"
        self._receiver: asyncio.subprocess.Process | None = None
        self._state = ""  # which transactions had ended when it was shipped last
        self._files: set[str] = set()
        self._sealed_anew: int | None = None  # the last entry of the record that told of it

    async def turn(self) -> None:
        """Ship all that is committed by now. Raises `UserError` and `OSError`; the next turn makes up for it."""
        password = await asyncio.to_thread(self._prepare)
        url = self.place.database_url("postgres", password, "postgres")
        connection = await asyncpg.connect(url, timeout=10)
        try:
            ours = str(await connection.fetchval("select system_identifier from pg_control_system()"))
            await asyncio.to_thread(self._own_folder, ours)
            whole = await self._receive(connection, url)
            moment, state = datetime.now(UTC), await connection.fetchval(_STATE)
            if state != self._state:
                moment = await self._received(connection)
                state = await connection.fetchval(_STATE)
                await asyncio.to_thread(self._ship_segments)
                await self._ship_files()  # last: no row that is shipped names a file that is not
            if not whole or await asyncio.to_thread(self._is_due):
                await self._ship_base(connection, url, password)
            self._state = state
            mark = moment.astimezone(UTC).strftime(MOMENT).encode()
            await asyncio.to_thread(files.write_whole, self.folder / "reached", lambda out: out.write(mark))
        finally:
            await connection.close()

    def _prepare(self) -> str:
        """The folders; the password of the cluster's superuser."""
        for folder in (self.spool, self.folder, *(self.folder / name for name in ("bases", "segments", "files"))):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self.place.password("postgres")

    def _own_folder(self, ours: str) -> None:
        mark = self.folder / "cluster"
        if not mark.exists():
            files.write_whole(mark, lambda out: out.write(ours.encode()))
        if (found := mark.read_text()) != ours:
            raise ToolFailed(
                f"{self.folder} holds the journal of another installation ({found}, not {ours}). "
                "Set CRM_JOURNAL_FOLDER to a folder of its own."
            )

    async def _receive(self, connection: asyncpg.Connection, url: str) -> bool:
        """Have the receiver run; False when the journal has a gap, after which a whole copy is needed."""
        lost = await connection.fetchval("select wal_status in ('lost', 'unreserved') from pg_replication_slots where slot_name = $1", SLOT)
        if self._receiver is not None and self._receiver.returncode is None and lost is False:
            return True
        if lost:
            await connection.execute("select pg_drop_replication_slot($1)", SLOT)
            await asyncio.to_thread(self._empty_spool)
        if lost is not False:
            await connection.execute("select pg_create_physical_replication_slot($1, true)", SLOT)
        self._receiver = await asyncio.create_subprocess_exec(
            tool("pg_receivewal"), f"--directory={self.spool}", f"--slot={SLOT}", "--synchronous", "--no-loop", "--no-password",
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
            env=environment(url),
        )  # fmt: skip
        return lost is False

    def _empty_spool(self) -> None:
        for left in self.spool.iterdir():
            left.unlink()

    async def _received(self, connection: asyncpg.Connection) -> datetime:
        """Wait until the receiver has written all that is committed to the disk; up to which moment."""
        moment = await connection.fetchval("select now()")
        # a commit of our own: the journal can be played up to a moment only when something was committed after it
        await connection.execute("select pg_logical_emit_message(true, 'crm', 'shipped')")
        place = await connection.fetchval("select pg_current_wal_flush_lsn()::text")
        deadline = time.monotonic() + CONFIRMED
        while not await connection.fetchval(
            "select exists (select from pg_stat_replication where application_name = 'pg_receivewal' and flush_lsn >= $1::text::pg_lsn)",
            place,
        ):
            if time.monotonic() > deadline:
                raise ToolFailed("The receiver of the journal does not keep up. It is tried again.")
            await asyncio.sleep(0.02)
        return cast(datetime, moment)

    def _ship_segments(self) -> None:
        """Whole ones leave the spool; the newest is shipped again, as far as it goes."""
        segments = self.folder / "segments"
        for part in sorted(self.spool.iterdir()):
            self._seal(segments / part.name, lambda out, part=part: out.write(zlib.compress(part.read_bytes(), 1)))  # type: ignore[misc]
            if part.suffix != PARTIAL:
                (segments / (part.name + PARTIAL)).unlink(missing_ok=True)
                part.unlink()

    async def _ship_files(self) -> None:
        async with transaction(read_only=True):
            names = {row["storage_key"] for row in await fetch("select storage_key from stored_file")}
            sealed_anew = await fetch_value(_SEALED_ANEW)
        if sealed_anew != self._sealed_anew:
            self._files.clear()  # any of them may be another one by now
        for name in sorted(names - self._files):
            await self._ship_file(name)
            self._files.add(name)
        self._sealed_anew = sealed_anew

    async def _ship_file(self, name: str) -> None:
        """Unless the one that is here was sealed by the same key."""
        target = self.folder / "files" / name
        head = await asyncio.to_thread(_head_of, target)
        try:
            if head != await files.read_start(name, sealing.HEAD):
                sealed = await files.read_sealed(name)
                await asyncio.to_thread(_keep, target, sealed)
        except NotFound:
            if not head:  # one that the store has lost since is all the more worth keeping
                raise

    def _is_due(self) -> bool:
        taken = bases_in(self.folder)
        return not taken or datetime.now(UTC) - moment_of(taken[0]) > ANEW

    async def _ship_base(self, connection: asyncpg.Connection, url: str, password: str) -> None:
        """A whole copy, sealed beside and named when it is complete; then what no copy needs any more goes."""
        await connection.execute("checkpoint")
        start, server = await connection.fetchrow("select pg_walfile_name(pg_current_wal_lsn()), current_setting('server_version')")
        base = Base(start, server, password)
        copy = self.spool.with_name("base.tar.gz")
        try:
            with await asyncio.to_thread(open, copy, "wb") as out:
                process = await asyncio.create_subprocess_exec(
                    tool("pg_basebackup"), "--pgdata=-", "--format=tar", "--wal-method=none", "--checkpoint=fast",
                    "--compress=client-gzip:1", "--no-password", stdin=asyncio.subprocess.DEVNULL, stdout=out,
                    stderr=asyncio.subprocess.PIPE, env=environment(url),
                )  # fmt: skip
                _none, complained = await process.communicate()
            if process.returncode:
                raise ToolFailed(f"pg_basebackup did not succeed: {complained.decode(errors='replace').strip()[-300:]}")
            # what was committed while it was copied is needed to make it whole
            await self._received(connection)
            await asyncio.to_thread(self._ship_segments)
            name = f"{datetime.now(UTC).strftime(MOMENT)}.{start}"
            await asyncio.to_thread(self._seal, self.folder / "bases" / name, lambda out: _add_base(out, base, copy))
        finally:
            await asyncio.to_thread(copy.unlink, missing_ok=True)
        await asyncio.to_thread(self._drop_spent)

    def _drop_spent(self) -> None:
        """What no moment of the days that are kept needs: copies from before the one that they start from, and their segments."""
        days = timedelta(days=max(1, self.settings.backup_keep[0]))
        before = [base for base in bases_in(self.folder) if datetime.now(UTC) - moment_of(base) > days]
        for base in before[1:]:
            base.unlink()
        first = self._start_of(bases_in(self.folder)[-1])
        for segment in (self.folder / "segments").iterdir():
            if segment.name < first and not segment.name.endswith(".history"):
                segment.unlink(missing_ok=True)
        for folder in (self.folder, self.folder / "files"):
            files.drop_parts(folder)

    def _start_of(self, base: Path) -> str:
        """The first segment that it needs; of one that does not say so and does not open, the first of all: none goes before it does."""
        if start := base.name.partition("Z.")[2]:
            return start
        try:
            return read_base(base, self.settings).start
        except ArchiveBroken:
            return ""

    def _seal(self, target: Path, fill: Callable[[SealedWriter], object]) -> None:
        def sealed(out: IO[bytes]) -> None:
            writer = SealedWriter(out, self.settings.secret_key)
            fill(writer)
            writer.close()

        files.write_whole(target, sealed)

    async def end(self) -> None:
        if self._receiver is not None and self._receiver.returncode is None:
            self._receiver.terminate()
            await self._receiver.wait()


@asynccontextmanager
async def shipping(settings: Settings) -> AsyncIterator[None]:
    """Ship every few seconds while the block runs, and once more at its end. Nothing where no folder is set."""
    if not settings.journal_folder.name:
        yield
        return
    shipper, ending = Shipper(settings, Place(settings.data)), asyncio.Event()
    going = asyncio.get_running_loop().create_task(_keep_shipping(shipper, ending))
    try:
        yield
    finally:
        ending.set()
        # a turn under way ends first: cut in the middle of a whole copy it would be for nothing
        await going
        await shipper.end()


async def _keep_shipping(shipper: Shipper, ending: asyncio.Event) -> None:
    """Until the end, and once more then."""
    while not ending.is_set():
        await _guarded(shipper)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ending.wait(), EVERY)
    await _guarded(shipper)


async def _guarded(shipper: Shipper) -> None:
    try:
        async with asyncio.timeout(600):
            await shipper.turn()
    except (UserError, OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as problem:
        log.warning("journal_not_shipped", problem=str(problem) or type(problem).__name__)


def bases_in(folder: Path) -> list[Path]:
    """The whole copies, newest first."""
    return sorted((base for base in (folder / "bases").glob("*Z*") if not base.name.startswith(".")), reverse=True)


def moment_of(base: Path) -> datetime:
    return datetime.strptime(base.name.partition("Z")[0] + "Z", MOMENT).replace(tzinfo=UTC)


def reached(folder: Path) -> datetime | None:
    """Up to when everything is in the journal; None where it was never shipped."""
    with contextlib.suppress(FileNotFoundError, ValueError):
        return datetime.strptime((folder / "reached").read_text(), MOMENT).replace(tzinfo=UTC)
    return None


def open_base(base: Path, settings: Settings) -> tarfile.TarFile:
    return tarfile.open(fileobj=SealedReader(base, *settings.secret_keys), mode="r|")  # type: ignore[call-overload, no-any-return]


def read_base(base: Path, settings: Settings) -> Base:
    """Raises `ArchiveBroken` for one of another key, or a part of one."""
    with open_base(base, settings) as archive:
        return read_head(archive)


def read_head(archive: tarfile.TarFile) -> Base:
    first = archive.next()
    content = archive.extractfile(first) if first else None
    assert content is not None
    return msgspec.json.decode(content.read(), type=Base)


def _head_of(file: Path) -> bytes:
    """What names its key; empty where there is no such file."""
    with contextlib.suppress(FileNotFoundError), file.open("rb") as content:
        return content.read(sealing.HEAD)
    return b""


def _keep(target: Path, sealed: bytes) -> None:
    target.parent.mkdir(exist_ok=True, mode=0o700)
    files.write_whole(target, lambda out: out.write(sealed))


def _add_base(out: SealedWriter, base: Base, copy: Path) -> None:
    with tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT) as archive:  # type: ignore[call-overload]
        head, told = msgspec.json.encode(base), tarfile.TarInfo("base.json")
        told.size = len(head)
        archive.addfile(told, io.BytesIO(head))
        archive.add(copy, "base.tar.gz")
