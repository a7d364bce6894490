"""A few warm processes that make documents. One that breaks, or takes too much, is ended and replaced."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO, Literal

import msgspec

MEGABYTE = 1024 * 1024
# each process uses a new document's memory again and again; a fresh one now and then costs a second
DOCUMENTS_PER_PROCESS = 200
START_SECONDS = 60


class Limits(msgspec.Struct, frozen=True):
    """What one document may take."""

    memory: int = 1024 * MEGABYTE  # address space, bytes
    processor_seconds: int = 60
    wall_seconds: float = 90
    markup: int = 4 * MEGABYTE  # characters after the template is filled
    elements: int = 30_000
    depth: int = 100
    rows: int = 300  # in one table
    pages: int = 100


class Setup(msgspec.Struct, frozen=True):
    folders: list[str]  # of templates; the first that has a name wins
    assets: dict[str, str]  # the name in `asset:NAME` -> its file
    plugin_folders: dict[str, str] = {}  # a plugin's templates go by its name, as in `ohio/documents/letter.html`
    catalogues: list[str] = []  # folders of translations beside the core's
    limits: Limits = Limits()


class Order(msgspec.Struct, frozen=True):
    template: str
    styles: list[str]
    context: dict[str, Any]  # as JSON would hold it
    language: str
    zone: str
    identifier: str  # hexadecimal; makes the same content the same bytes
    images: dict[str, bytes] = {}


class Answer(msgspec.Struct, frozen=True):
    outcome: Literal["ready", "done", "too_large", "refused", "faulty", "stopped"]
    reason: str = ""
    limit: str = ""  # too_large: the name in `Limits`
    found: int = 0
    pdf: bytes = b""
    pages: int = 0
    warnings: list[str] = []


def read_message(stream: BinaryIO) -> bytes | None:
    """The next message; None when the other side has gone."""
    head = stream.read(8)
    if len(head) < 8:
        return None
    size = int.from_bytes(head, "big")
    body = stream.read(size)
    return body if len(body) == size else None


def write_message(stream: BinaryIO, body: bytes) -> None:
    stream.write(len(body).to_bytes(8, "big") + body)
    stream.flush()


class Renderer:
    """One process. Not for two threads at once."""

    def __init__(self, setup: Setup) -> None:
        self.made = 0
        self.limits = setup.limits
        self.overdue = False
        self.folder = tempfile.mkdtemp(prefix="crm-document-")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "crm.rendering", self.folder],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_environment(), cwd=self.folder,
        )  # fmt: skip
        answer = self._ask(msgspec.msgpack.encode(setup), START_SECONDS)
        if answer.outcome != "ready":
            self.end()
            raise RuntimeError(f"The document process did not start: {answer.reason or 'see its output above'}")

    def make(self, order: Order) -> Answer:
        self.made += 1
        return self._ask(msgspec.msgpack.encode(order), self.limits.wall_seconds)

    def _ask(self, message: bytes, seconds: float) -> Answer:
        clock = threading.Timer(seconds, self._too_late)
        clock.start()
        try:
            write_message(self._pipe(self.process.stdin), message)
            body = read_message(self._pipe(self.process.stdout))
        except OSError:
            body = None
        finally:
            clock.cancel()
        if body is not None:
            return msgspec.msgpack.decode(body, type=Answer)
        self.end()
        # killed by us, by the kernel for its processor time, or fallen over for want of memory
        slow = self.overdue or self.process.returncode == -signal.SIGXCPU
        return Answer("too_large", limit="wall_seconds" if slow else "memory")

    def _too_late(self) -> None:
        self.overdue = True
        self.process.kill()

    @staticmethod
    def _pipe(pipe: Any) -> BinaryIO:
        assert pipe is not None
        return pipe  # type: ignore[no-any-return]

    @property
    def usable(self) -> bool:
        return self.process.poll() is None and self.made < DOCUMENTS_PER_PROCESS

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue  # what was still to be written has no reader


class Renderers:
    """A pool of renderers. `make` waits for a free one; cancelling it ends the process that works for it."""

    def __init__(self, setup: Setup, *, size: int = 1) -> None:
        self.setup = setup
        self.threads = ThreadPoolExecutor(size, thread_name_prefix="documents")
        self.idle: list[Renderer] = []
        self.busy: dict[int, Renderer] = {}
        self.closed = False

    def warm(self) -> None:
        """Start one process now, so that the first document does not wait for it."""
        self.threads.submit(lambda: self.idle.append(Renderer(self.setup)))

    async def make(self, order: Order) -> Answer:
        stopped = threading.Event()
        work = self.threads.submit(self._make, order, stopped)
        try:
            return await asyncio.wrap_future(work)
        except asyncio.CancelledError:
            stopped.set()
            if (renderer := self.busy.get(id(order))) is not None:
                renderer.process.kill()
            raise

    def _make(self, order: Order, stopped: threading.Event) -> Answer:
        if self.closed or stopped.is_set():
            return Answer("stopped")
        renderer = self._free()
        self.busy[id(order)] = renderer
        try:
            return renderer.make(order)
        finally:
            del self.busy[id(order)]
            if renderer.usable and not self.closed:
                self.idle.append(renderer)
            else:
                renderer.end()

    def _free(self) -> Renderer:
        while self.idle:
            renderer = self.idle.pop()
            if renderer.usable:
                return renderer
            renderer.end()
        return Renderer(self.setup)

    def close(self) -> None:
        """End every process, also one at work."""
        self.closed = True
        for renderer in list(self.busy.values()):
            renderer.process.kill()
        self.threads.shutdown(wait=True, cancel_futures=True)
        while self.idle:
            self.idle.pop().end()


def _environment() -> Mapping[str, str]:
    """What the process may know: no address, no key, no password of the program."""
    package = str(Path(__file__).resolve().parent.parent)
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {"PYTHONPATH": package, "LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "1"}
