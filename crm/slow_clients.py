"""Whoever sends or takes too slowly is let go: a connection must not be held for nothing.

A connection is looked at once a second. A request's head has a deadline; a body and an answer must move. When there are
too many connections, the one that has waited longest for its client goes first.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import Server

TICK = 1.0  # seconds between two looks
LEAST_MOVED = 10_000  # bytes of a body or an answer within the client's patience: 8 kbit/s with the default of 10 s
CONNECTIONS = 500  # half of the open files that a process usually may have
TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class WatchedProtocol(H11Protocol):
    """A connection that knows what it waits for, since when, and how much has moved since."""

    last = False  # the pages stop: the request that is owed is the last that is taken

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.at_head = True  # some of a request's head is here, or owed
        self.unsent = 0
        self._begin("head")
        if len(self.connections) > CONNECTIONS:
            self._make_room()

    def data_received(self, data: bytes) -> None:
        before = self.cycle
        if before is None or before.response_complete:
            self.at_head = True
        self.moved += len(data)
        super().data_received(data)
        if self.cycle is not before:
            self.at_head = False
            if self.last:
                super().shutdown()

    def on_response_complete(self) -> None:
        self.at_head = False
        super().on_response_complete()

    def shutdown(self) -> None:
        """The pages stop: who has just come, and whose request is on its way, is heard; who is silent for a tick is let go."""
        if self._phase() != "head":
            super().shutdown()
        elif not self.last:
            self.last = True
            self.loop.call_later(TICK, self._hear_no_longer)

    def _hear_no_longer(self) -> None:
        if self._phase() == "head":
            self.transport.close()

    def judge(self, patience: float) -> None:
        """Let the client go when what it owes has not come, or has hardly moved, for so many seconds."""
        phase, unsent = self._phase(), self.transport.get_write_buffer_size()
        if phase == "answer":
            self.moved += max(0, self.unsent - unsent)
        self.unsent = unsent
        if phase != self.phase:
            self._begin(phase)
        elif phase not in {"idle", "us"} and self.loop.time() - self.since >= patience:
            if phase != "head" and self.moved >= LEAST_MOVED:
                self._begin(phase)
            else:
                self._let_go(phase)

    def _phase(self) -> str:
        if self.transport.get_write_buffer_size():
            return "answer"
        if self.cycle is None or self.cycle.response_complete:
            return "head" if self.at_head else "idle"
        return "body" if self.cycle.more_body and not self.flow.read_paused else "us"

    def _begin(self, phase: str) -> None:
        self.phase, self.since, self.moved = phase, self.loop.time(), 0

    def _let_go(self, phase: str) -> None:
        if phase == "head" or (phase == "body" and not self.cycle.response_started):
            self.transport.write(TOO_SLOW)
            self.transport.close()
            self.loop.call_later(TICK, self.transport.abort)  # if even that is not taken
        else:
            self.transport.abort()

    def _make_room(self) -> None:
        waiting = [each for each in self.connections if isinstance(each, WatchedProtocol) and each.phase in {"head", "idle"}]
        oldest = min(waiting, key=lambda each: each.since, default=self)
        self.connections.discard(oldest)  # now, for it is lost only later
        oldest.transport.abort()


async def watch(server: Server, patience: float) -> None:
    """Look at every connection, again and again, until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + TICK
        await asyncio.sleep(TICK)
        late = loop.time() - due  # we were busy and read nothing: that time is not the client's
        for connection in list(server.server_state.connections):
            if isinstance(connection, WatchedProtocol):
                connection.since += late
                connection.judge(patience)
