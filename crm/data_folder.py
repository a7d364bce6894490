"""The folder of one installation: where its servers lie, who holds it, and the passwords that it keeps."""

import contextlib
import fcntl
import hashlib
import json
import os
import pwd
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from urllib.parse import quote

from msgspec import Struct

from crm.errors import UserError

LONGEST_SOCKET = 90  # bytes; the kernel takes 107, and PostgreSQL adds its own name
NOBODY = 65534


class EmbeddedProblem(UserError):
    status = 503
    code = "embedded"
    exit_code = 1


class State(Struct, frozen=True):
    """What the process that holds the folder says of itself; `serves` is the address of `crm serve`."""

    state: str = ""
    pid: int = 0
    serves: str = ""


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
        """In the data folder; where another user cannot walk in (below /root), in /var/lib instead.

        Where they were made they stay: a parent whose rights change later must not make a new, empty database.
        """
        near, apart = self.data / "servers", Path("/var/lib") / f"crm-{self._mark()}"
        if self.user is None or (near / "postgres" / "data").exists():
            return near
        return apart if (apart / "postgres" / "data").exists() or self._closed() else near

    def _closed(self) -> Path | None:
        """The folder above the data that the servers' user may not pass."""
        return next((p for p in self.data.parents if p.exists() and not p.stat().st_mode & 0o001), None)

    def _sockets_folder(self) -> Path:
        near = self.servers / "run"
        if len(os.fsencode(near)) <= LONGEST_SOCKET:
            return near
        return Path(tempfile.gettempdir()) / f"crm-{os.geteuid()}-{self._mark()}"

    def prepare(self) -> None:
        if self.user and self.servers.is_relative_to(self.data) and (closed := self._closed()):
            raise EmbeddedProblem(
                f"The servers run as {_user_name(self.user[0])}, who may not pass {closed}; their data in "
                f"{self.servers} cannot be reached. Allow it again: chmod o+x {closed}"
            )
        try:
            self.data.mkdir(parents=True, exist_ok=True, mode=0o711)
            if self.user:
                self.data.chmod(self.data.stat().st_mode | 0o011)
            for folder in (self.servers, self.logs):
                folder.mkdir(exist_ok=True, mode=0o711)
            for folder in (self.postgres, self.valkey, self.sockets):
                self._prepare_own(folder)
        except OSError as problem:
            raise EmbeddedProblem(
                f"{problem.filename or self.data}: {problem.strerror}. Give CRM_DATA a folder that you may write, with room."
            ) from problem

    def _prepare_own(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True, mode=0o700)
        owner = folder.lstat().st_uid  # of a link itself: another user's must not lead us elsewhere
        if owner not in {os.geteuid(), (self.user or (os.geteuid(),))[0]}:
            raise EmbeddedProblem(
                f"{folder} belongs to {_user_name(owner)}. Run the program as that user, or set CRM_DATA to another folder."
            )
        if self.user:
            os.chown(folder, *self.user)
        folder.chmod(0o700)

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

    @contextlib.contextmanager
    def joining(self) -> Iterator[None]:
        """Tell whoever runs the servers that we use them."""
        with open(self.data / "joined", "a", encoding="ascii") as handle:
            fcntl.flock(handle, fcntl.LOCK_SH)
            yield

    def joined(self) -> bool:
        """Whether another process uses the servers that we run."""
        with open(self.data / "joined", "a", encoding="ascii") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def holder(self) -> int:
        """The process that has, or last had, the lock; 0 when none is named."""
        with contextlib.suppress(OSError, ValueError):
            return int(self.lock_file.read_text(encoding="ascii"))
        return 0

    def state(self) -> State:
        """What the holder says of itself; empty when it has not said anything yet."""
        with contextlib.suppress(OSError, ValueError, TypeError):
            found = State(**json.loads((self.data / "state").read_text(encoding="ascii")))
            return found if found.pid == self.holder() else State()
        return State()

    def write_state(self, state: str, serves: str = "") -> None:
        told = {"state": state, "pid": os.getpid(), "serves": serves}
        (self.data / "state").write_text(json.dumps(told), encoding="ascii")

    def refusal(self) -> EmbeddedProblem:
        """To `crm serve` on a folder that another process holds: which one, and what to do."""
        pid, address = self.holder(), self.state().serves
        cure = f"Open {address}, or stop it first (kill {pid})" if address else f"Wait until it ends, or stop it (kill {pid})"
        return EmbeddedProblem(
            f"The data folder {self.data} is in use by process {pid} ({command_of(pid)}). "
            f"{cure}, or serve from another folder: CRM_DATA=/path/to/another crm serve"
        )

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

    def keep_password(self, name: str, password: str) -> None:
        """One that comes with a database from elsewhere."""
        file = self.data / "passwords" / name
        file.parent.mkdir(exist_ok=True, mode=0o700)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write(password)

    def database_url(self, user: str, password: str, database: str = "crm") -> str:
        return f"postgresql://{user}:{quote(password, safe='')}@/{database}?host={quote(str(self.sockets))}"

    def redis_url(self) -> str:
        return f"unix://:{quote(self.password('valkey'), safe='')}@{self.sockets}/valkey.sock"


def command_of(pid: int) -> str:
    """What a process runs, as a person would have typed it."""
    try:
        parts = [os.fsdecode(part) for part in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") if part]
    except OSError:
        parts = []
    if len(parts) > 1 and Path(parts[0]).name.startswith("python"):
        del parts[0]
    return " ".join([Path(parts[0]).name, *parts[1:]])[:80] if parts else "its command is unknown"


def _user_name(number: int) -> str:
    with contextlib.suppress(KeyError):
        return f"the user {pwd.getpwuid(number).pw_name}"
    return f"user number {number}"
