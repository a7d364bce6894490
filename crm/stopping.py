"""The pages stop without failing anyone who has come: who is in the door is served, who comes later is refused before anything was sent.

A listening socket that is closed resets the connections that wait in it, and their requests are lost half-sent. So for a moment no one
new is let in, those who wait are, and only then it is closed. A proxy, or a browser, takes a refusal to another process, or tries again.
"""

import asyncio
import contextlib
import ctypes
import socket
import struct

from uvicorn import Server

LAST_CALL = 0.05  # seconds in which those who wait are let in; who begins to connect in it is refused when it ends
SO_ATTACH_FILTER = 26  # Linux: socket(7); Python has no name for it
# A packet that begins a connection (of the flags at byte 13 of its head SYN is set, ACK is not) is dropped, any other is taken.
NO_NEWCOMERS = ((0x30, 0, 0, 13), (0x54, 0, 0, 0x12), (0x15, 0, 1, 0x02), (0x06, 0, 0, 0), (0x06, 0, 0, 0xFFFFFFFF))


class PatientServer(Server):
    """Serves those who have come before it closes."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            for door in server.sockets:
                with contextlib.suppress(OSError):  # not Linux: a few may be reset, as with any server
                    refuse_newcomers(door)
        await asyncio.sleep(LAST_CALL)
        await super().shutdown(sockets)


def refuse_newcomers(door: socket.socket) -> None:
    """Who has not begun to connect is not answered, and finds the door closed when trying again."""
    steps = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in NO_NEWCOMERS))
    door.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HP", len(NO_NEWCOMERS), ctypes.addressof(steps)))
