"""Slow clients, too many people, and a restart in the middle of it: on a real server, while someone works on."""

import asyncio
import itertools
import socket
import statistics
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from crm.slow_clients import CONNECTIONS
from crm.testing.figures import note, soaking
from tests.faults.serving import SLOW, Served

PATIENCE = 1
HEAD = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
CROWD = 300  # three times and more what is taken on at once
WAVES = 30 if soaking() else 1
WRITERS = 8
RESTARTS = 20 if soaking() else 1


@pytest.fixture(scope="module")
def served(walkable_folder):
    server = Served(walkable_folder, CRM_CLIENT_PATIENCE=str(PATIENCE))
    server.start()
    yield server
    server.stop()
    log = server.log.read_text()
    assert "Traceback" not in log, log[-4000:]
    assert "request_failed" not in log, log[-4000:]


async def opened(served, given=b""):
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(given)
    return reader, writer


async def ending(reader):
    """What the server says before it closes, which it must within a minute."""
    try:
        return await asyncio.wait_for(reader.read(), SLOW)
    except ConnectionError:
        return b""


async def drip(writer, reader, part):
    """Send a part now and then, until the server has had enough."""
    while not reader.at_eof() and not writer.is_closing():
        try:
            writer.write(part)
            await writer.drain()
            return await asyncio.wait_for(reader.read(), 0.3)
        except TimeoutError:
            continue
        except ConnectionError:
            return b""
    return b""


async def works(served):
    """Someone signed in opens pages meanwhile."""
    cookies = await asyncio.to_thread(lambda: served.browser("alice@example.org").cookies)
    async with httpx.AsyncClient(base_url=served.address, cookies=cookies, timeout=SLOW) as alice:
        return [(await alice.get(page)).status_code for page in ("/employers", "/today", "/pipeline")]


async def test_half_a_head_is_not_waited_for(served):
    slow = [await opened(served, HEAD) for _client in range(100)]
    assert await works(served) == [200, 200, 200]
    answers = await asyncio.gather(*(ending(reader) for reader, _writer in slow))
    assert {answer[:12] for answer in answers} == {b"HTTP/1.1 408"}
    assert [writer.close() for _reader, writer in slow]


async def test_nor_is_one_that_comes_in_drops(served):
    reader, writer = await opened(served, HEAD)
    assert (await drip(writer, reader, b"X-Drop: 1\r\n")).startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize("part", [b"", b"a=1&"])
async def test_a_body_must_move(served, part):
    reader, writer = await opened(served, HEAD + b"Content-Length: 1000000\r\n\r\n" + part)
    assert (await (drip(writer, reader, part) if part else ending(reader))).startswith(b"HTTP/1.1 408")


async def test_an_answer_that_is_not_taken_is_given_up(served):
    page = (httpx.get(f"{served.address}/sign-in")).text
    largest = max(set(page.split('"')) & {p for p in page.split('"') if p.startswith("/static/")}, key=lambda p: len(httpx.get(served.address + p).content))
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.connect(("127.0.0.1", served.port))
    slow.setblocking(False)
    asked = f"GET {largest} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() * 200
    end = time.monotonic() + SLOW
    with slow, pytest.raises(ConnectionError):
        while time.monotonic() < end:
            try:
                slow.send(asked)
            except BlockingIOError:
                await asyncio.sleep(0.1)
    assert await works(served) == [200, 200, 200]


async def test_who_holds_all_connections_loses_the_oldest(served):
    held = [await opened(served, HEAD) for _client in range(CONNECTIONS + 100)]
    assert await works(served) == [200, 200, 200]
    assert sum(1 for reader, _writer in held if reader.at_eof() or reader.exception()) >= 100
    for _reader, writer in held:
        writer.close()


async def asked(served, request):
    """The status, the seconds, and all that came."""
    started = time.perf_counter()
    reader, _writer = await opened(served, request)
    answer = await asyncio.wait_for(reader.read(), SLOW)
    return int(answer[9:12]), time.perf_counter() - started, answer


async def test_too_many_are_told_to_come_back_and_the_others_are_served(served):
    """All in one moment; signing in and those who watch have a lane of their own."""
    session = await asyncio.to_thread(lambda: served.browser("alice@example.org").cookies["crm-session"])
    page = f"GET /employers HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: crm-session={session}\r\n\r\n".encode()
    health = b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    crowd = []
    calm = [await asked(served, page) for _visit in range(20)]
    for _wave in range(WAVES):
        *found, last = await asyncio.gather(*(asked(served, page) for _client in range(CROWD)), watch(served, health))
        crowd += found
        assert set(last) <= {200, 503}
        assert 200 in last
    assert (await asked(served, page))[0] == 200
    told = Counter(status for status, _seconds, _answer in crowd)
    assert set(told) == {200, 503}
    assert all(b"retry-after" in answer.lower() and b"Try again" in answer for status, _seconds, answer in crowd if status == 503)
    note("pages served to a crowd", told[200])
    note("pages of a crowd told to come back", told[503])
    note("page alone: p95", p95(calm), "ms")
    note("page in a crowd: p95 of the served", p95([each for each in crowd if each[0] == 200]), "ms")


async def watch(served, request):
    """Whoever watches over us asks now and again while the crowd is here."""
    return [(await asked(served, request))[0] for _time in range(5)]


def p95(answers):
    return statistics.quantiles([seconds for _status, seconds, _answer in answers], n=20)[18] * 1000


def write_until_away(served, cookies, page, numbers, acknowledged, other):
    """Log one note after the other while the server stops and starts; keep what it said it has saved."""
    with httpx.Client(base_url=served.address, cookies=cookies, timeout=SLOW, headers={"origin": served.address}) as browser:
        token = browser.get(page).text.partition('name="form-token" content="')[2].partition('"')[0]
        while True:
            summary = f"restart {next(numbers)}"
            try:
                answer = browser.post(f"{page}/activities", data={"_token": token, "kind": "note", "summary": summary})
            except httpx.HTTPError:
                return
            (acknowledged if answer.status_code == 303 else other).append(summary if answer.status_code == 303 else answer.status_code)


async def test_a_restart_loses_no_click(served):
    """In flight is answered; what comes later finds a closed door, never a fault."""
    employer = (await served.look("select employer_id from engagement limit 1"))[0]["employer_id"]
    alice, numbers, acknowledged, other = served.browser("alice@example.org"), itertools.count(), [], []
    for _restart in range(RESTARTS):
        enough = len(acknowledged) + 40
        with ThreadPoolExecutor(WRITERS) as writers:
            for _writer in range(WRITERS):
                writers.submit(write_until_away, served, alice.cookies, f"/employers/{employer}", numbers, acknowledged, other)
            while len(acknowledged) < enough:
                await asyncio.sleep(0.01)
            await asyncio.to_thread(served.stop)
        assert served.process.returncode == 0
        served.start()
    found = [row["summary"] for row in await served.look("select summary from activity where summary like 'restart %'")]
    assert set(found) >= set(acknowledged)
    assert len(found) == len(set(found))
    assert set(other) <= {503}
    note("restarts under eight writers", RESTARTS)
