"""Stands between us and the database, and does what a network does on a bad day."""

import asyncio
from urllib.parse import parse_qs, urlsplit, urlunsplit


class Proxy:
    """Forwards bytes, as `fault` says: "" for a good day.

    "late": each part comes later · "hole": nothing comes through, no one hangs up · "reset": all are cut, none let in ·
    "cut": answers end in the middle · "deaf": the database says no more, though it hears.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.fault = ""
        self._ends: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> "Proxy":
        self._server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_problem: object) -> None:
        self._server.close()
        self._cut_all()

    def through(self, url: str) -> str:
        """The address of the database, by way of this proxy."""
        parts = urlsplit(url)
        return urlunsplit(parts._replace(netloc=f"{parts.netloc.rpartition('@')[0]}@127.0.0.1:{self.port}", query=""))

    def begin(self, fault: str) -> None:
        self.fault = fault
        if fault == "reset":
            self._cut_all()

    def end(self) -> None:
        """The network is good again; what was lost in it stays lost."""
        lost, self.fault = self.fault, ""
        if lost in {"hole", "deaf"}:
            self._cut_all()

    def _cut_all(self) -> None:
        for end in list(self._ends):
            end.transport.abort()

    async def _join(self, from_us: asyncio.StreamReader, to_us: asyncio.StreamWriter) -> None:
        if self.fault == "reset":
            to_us.transport.abort()
            return
        parts = urlsplit(self.url)
        folder = parse_qs(parts.query).get("host", [""])[0]
        if folder:
            from_database, to_database = await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{parts.port or 5432}")
        else:
            from_database, to_database = await asyncio.open_connection(parts.hostname, parts.port or 5432)
        self._ends |= {to_us, to_database}
        await asyncio.gather(self._pass(from_us, to_database, answer=False), self._pass(from_database, to_us, answer=True))
        self._ends -= {to_us, to_database}

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, answer: bool) -> None:
        try:
            while part := await source.read(65536):
                if self.fault == "late":
                    await asyncio.sleep(0.005)
                if self.fault == "hole" or (self.fault == "deaf" and answer):
                    continue
                if self.fault == "cut" and answer:
                    target.write(part[: len(part) // 2])
                    await target.drain()
                    break
                target.write(part)
                await target.drain()
        except ConnectionError:
            pass
        finally:
            target.close()
