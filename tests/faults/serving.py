"""A real `crm serve` that can be killed in the middle of anything, and looked at from outside."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import httpx

from crm.demonstration.people import PASSWORD
from crm.embedded import Place

SLOW = 60  # seconds after which waiting for anything is a failure


class Served:
    """`crm serve --demo` on a folder of its own."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.settings = settings
        self.data = folder / "data"
        self.log = folder / "log"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"http://localhost:{self.port}"
        self.process = None

    def start(self) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CRM_")}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "crm.cli", "serve", "--demo", "--port", str(self.port)],
                env={**kept, "CRM_DATA": str(self.data), "CRM_LOG_LEVEL": "warning", **self.settings}, stdout=log, stderr=log,
            )  # fmt: skip
        end = time.monotonic() + SLOW
        while not self._is_ready():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < end, self.log.read_text()
            time.sleep(0.05)

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.address}/health/ready", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def kill(self) -> None:
        """As the kernel does when memory runs out: the program gets no chance to do anything."""
        self.process.kill()
        self.process.wait(10)

    def kill_everything(self) -> None:
        """The program, its document processes, PostgreSQL and Valkey: as when the power goes."""
        processes = [self.process.pid, *descendants(self.process.pid)]
        for pid in processes:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait(10)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)

    async def look(self, sql: str, *values: object) -> list[asyncpg.Record]:
        """What the database holds, past the program."""
        place = Place(self.data)
        connection = await asyncpg.connect(place.database_url("crm_owner", place.password("owner")))
        try:
            return await connection.fetch(sql, *values)
        finally:
            await connection.close()

    async def until(self, sql: str, *values: object) -> list[asyncpg.Record]:
        """The rows, as soon as there are any."""
        place = Place(self.data)
        connection = await asyncpg.connect(place.database_url("crm_owner", place.password("owner")))
        end = time.monotonic() + SLOW
        try:
            while not (rows := await connection.fetch(sql, *values)):
                assert time.monotonic() < end, (sql, [tuple(row) for row in await connection.fetch("select name, state, reason from job")])
                await asyncio.sleep(0.02)
            return rows
        finally:
            await connection.close()

    def browser(self, email: str) -> "Browser":
        return Browser(self.address, email)


class Browser(httpx.Client):
    """Someone signed in."""

    def __init__(self, address: str, email: str) -> None:
        super().__init__(base_url=address, timeout=SLOW, headers={"origin": address})
        answer = self.submit("/sign-in", page="/sign-in", email=email, password=PASSWORD)
        assert answer.status_code == 303, answer.text

    def submit(self, url, *, page, files=None, **fields):
        token = self.get(page).text.partition('name="form-token" content="')[2].partition('"')[0]
        return self.post(url, data={"_token": token, **fields}, files=files)


def descendants(pid: int) -> list[int]:
    """The processes that a process started, and theirs."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int(re.search(r"\nPPid:\s+(\d+)", (folder / "status").read_text())[1])
        except (OSError, TypeError):
            continue
    found, waiting = [], [pid]
    while waiting:
        children = [child for child, parent in parents.items() if parent in waiting]
        found += children
        waiting = children
    return found
