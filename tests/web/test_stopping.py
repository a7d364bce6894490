"""The pages stop: who has come is served, who comes later is refused before a word was sent."""

import asyncio
import contextlib
import socket

import pytest
import uvicorn

from crm.slow_clients import WatchedProtocol
from crm.stopping import PatientServer

ASKED = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n"


async def hello(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"hello"})


@pytest.fixture
async def pages():
    """A server that is up, and the door to it."""
    config = uvicorn.Config(hello, port=0, http=WatchedProtocol, log_config=None, lifespan="off")
    server = PatientServer(config)
    server.capture_signals = contextlib.nullcontext
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0)
    yield server, server.servers[0].sockets[0].getsockname()
    server.should_exit = True
    await serving


async def closing(server, door):
    """Until no one is let in."""
    server.should_exit = True
    while True:
        with socket.socket() as probe:
            probe.setblocking(False)
            try:
                await asyncio.wait_for(asyncio.get_running_loop().sock_connect(probe, door), 0.02)
            except (TimeoutError, ConnectionRefusedError):
                return


async def test_who_is_in_the_door_is_served(pages):
    server, door = pages
    with socket.create_connection(door) as client:  # this program accepts no one meanwhile: the client waits in the door
        client.sendall(ASKED)
        await server.shutdown()
        client.setblocking(False)
        answer = await asyncio.get_running_loop().sock_recv(client, 1000)
    assert (answer[:15], answer[-5:]) == (b"HTTP/1.1 200 OK", b"hello")


async def test_who_has_come_and_not_yet_asked_is_served(pages):
    server, door = pages
    reader, writer = await asyncio.open_connection(*door)
    while not server.server_state.connections:
        await asyncio.sleep(0)
    await closing(server, door)
    writer.write(ASKED)
    assert (await reader.read())[:15] == b"HTTP/1.1 200 OK"
    writer.close()


async def test_who_comes_and_says_nothing_is_not_waited_for_long(pages):
    server, door = pages
    reader, writer = await asyncio.open_connection(*door)
    while not server.server_state.connections:
        await asyncio.sleep(0)
    await server.shutdown()
    assert await reader.read() == b""
    writer.close()


async def test_who_comes_later_is_refused(pages):
    server, door = pages
    await server.shutdown()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(*door)
