"""HTTP over the loopback: an application served as `crm serve` does, and a client that costs next to nothing."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import uvicorn


class Client:
    """One kept connection. `get` reads the whole answer; raises for any status but 200."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self.port = port
        self.cookie = cookie

    async def open(self) -> None:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**22)

    async def get(self, path: str) -> bytes:
        lines = [f"GET {path} HTTP/1.1", "Host: localhost", *([f"Cookie: {self.cookie}"] if self.cookie else [])]
        self.writer.write("\r\n".join([*lines, "", ""]).encode())
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        body = await self.reader.readexactly(length)
        if not head.startswith(b"http/1.1 200"):
            raise RuntimeError(f"{path} answered {head[:20]!r}: {body[:300]!r}")
        return body

    def close(self) -> None:
        self.writer.close()


@contextlib.asynccontextmanager
async def served(app: Any, cookie: str = "") -> AsyncIterator[Client]:
    """The application on a free port, and a client connected to it."""
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False, server_header=False, lifespan="off")
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
