"""HTTP over the loopback: an application served as `crm serve` does, and a client that costs next to nothing."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import urlencode

import uvicorn


class Client:
    """One kept connection. `get` and `post` read the whole answer; they raise for any status but the one that is wanted."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self.port = port
        self.cookie = cookie

    async def open(self) -> None:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**22)

    async def get(self, path: str) -> bytes:
        return await self._ask("GET", path, b"", b"200")

    async def post(self, path: str, fields: Mapping[str, str]) -> bytes:
        """A form that is taken leads on to another page; raises where it is not."""
        return await self._ask("POST", path, urlencode(fields).encode(), b"303")

    async def _ask(self, method: str, path: str, sent: bytes, wanted: bytes) -> bytes:
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *([f"Cookie: {self.cookie}"] if self.cookie else []),
                 *(["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(sent)}"] if sent else [])]  # fmt: skip
        self.writer.write("\r\n".join([*lines, "", ""]).encode() + sent)
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        body = await self.reader.readexactly(length)
        if not head.startswith(b"http/1.1 " + wanted):
            raise RuntimeError(f"{path} answered {head[:20]!r}: {body[:300]!r}")
        return body

    def close(self) -> None:
        self.writer.close()


@contextlib.asynccontextmanager
async def served(app: Any, cookie: str = "") -> AsyncIterator[Client]:
    """The application on a free port, and a client connected to it."""
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False, server_header=False, lifespan="off",
                       timeout_keep_alive=3600)
    )
    server.capture_signals = contextlib.nullcontext
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    client = Client(server.servers[0].sockets[0].getsockname()[1], cookie)
    await client.open()
    try:
        yield client
    finally:
        client.close()
        server.should_exit = True
        await serving
