"""The database away, cut off, late, full or read-only: one kind page, nothing half-done, and the next request works."""

import asyncio
import contextlib
import random
from functools import partial

import asyncpg
import pytest
import pytest_asyncio

from crm.database import DB, Login, execute, fetch_value, transaction
from crm.embedded import Addresses
from crm.program import assembled
from crm.settings import settings_from
from crm.testing.figures import note, soaking
from tests.faults.proxy import Proxy

FAULTS = ("reset", "hole", "cut", "deaf")
CANCELS = 2_000 if soaking() else 60


@pytest_asyncio.fixture
async def program(database, tmp_path):
    """The program, which gives a request up after two seconds."""
    settings = settings_from({"CRM_DATA": str(tmp_path / "data"), "CRM_URL": "http://crm.test", "CRM_SECRET_KEY": "0" * 64,
                              "CRM_LOG_LEVEL": "error", "CRM_REQUEST_TIMEOUT": "2"})  # fmt: skip
    async with assembled(settings, Addresses(database.addresses, ""), valkey=False) as made:
        yield made


@pytest_asyncio.fixture
async def proxy(database, people, monkeypatch):
    """All our logins reach the database through it."""
    monkeypatch.setattr(DB, "acquire_timeout", 0.5)
    monkeypatch.setattr(DB, "release_timeout", 0.5)
    async with Proxy(database.addresses[Login.APP]) as between:
        await DB.stop()
        await DB.start({login: between.through(url) for login, url in database.addresses.items()}, size=5)
        yield between
        between.end()


def pool():
    return DB.pools[Login.APP]


async def is_whole():
    """Every connection of the pool is back, within the five seconds that one may take to be given up."""
    async with asyncio.timeout(10):
        while pool().get_size() != pool().get_idle_size():
            await asyncio.sleep(0.01)


def is_kind(answer):
    assert answer.status_code == 503, answer.text
    assert answer.headers["retry-after"]
    assert "try again" in answer.text.lower()
    assert "Traceback" not in answer.text
    assert "asyncpg" not in answer.text


async def alices_language(superuser_url):
    connection = await asyncpg.connect(superuser_url)
    try:
        return await connection.fetchval("select language from account where email = 'alice@example.org'")
    finally:
        await connection.close()


async def save(alice, token, language):
    return await alice.post("/account/preferences", data={"_token": token, "name": "Alice", "language": language, "density": "comfortable"})


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_is_one_kind_page_and_then_all_works(proxy, browse, people, database, fault):
    alice = browse(people.alice)
    token = await alice.token("/account")
    proxy.begin(fault)
    is_kind(await alice.get("/employers", headers={"accept": "text/html"}))
    is_kind(await save(alice, token, "es"))
    is_kind(await alice.get("/api/v1/employers"))
    assert await alices_language(database.addresses[Login.OWNER]) == "en"
    proxy.end()
    assert (await alice.get("/employers")).status_code == 200
    assert (await save(alice, token, "es")).status_code == 303
    assert await alices_language(database.addresses[Login.OWNER]) == "es"
    await is_whole()


async def test_a_late_database_is_waited_for(proxy, browse, people):
    proxy.begin("late")
    assert (await browse(people.alice).get("/account")).status_code == 200


@pytest.mark.parametrize("fault", FAULTS)
async def test_connections_that_were_lost_unseen_are_replaced_before_anything_is_sent(proxy, browse, people, fault):
    alice = browse(people.alice)
    assert (await alice.get("/employers")).status_code == 200
    proxy.begin("reset" if fault == "reset" else "hole")
    proxy.end()
    assert [(await alice.get("/employers")).status_code for _request in range(6)] == [200] * 6


@pytest_asyncio.fixture
async def holder(database, template, people):
    """Whoever owns the machine, who holds Alice's row."""
    holder = await asyncpg.connect(template[0].superuser_url(database.name))
    await holder.execute("begin; select from account where email = 'alice@example.org' for update")
    yield holder
    await holder.close()


async def waiting(holder):
    async with asyncio.timeout(10):
        while not await holder.fetchval("select exists (select from pg_stat_activity where wait_event_type = 'Lock' "
                                        "and datname = current_database())"):  # fmt: skip
            await asyncio.sleep(0.01)


async def test_a_lock_that_is_held_ends_in_a_kind_page(browse, people, holder):
    alice = browse(people.alice)
    token = await alice.token("/account")
    is_kind(await save(alice, token, "es"))
    await holder.close()
    assert (await save(alice, token, "es")).status_code == 303
    await is_whole()


async def test_backends_that_are_ended_in_the_middle_end_in_a_kind_page(browse, people, holder):
    alice = browse(people.alice)
    token = await alice.token("/account")
    saving = asyncio.create_task(save(alice, token, "es"))
    await waiting(holder)
    await holder.execute("select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()")
    is_kind(await saving)
    await holder.close()
    assert (await save(alice, token, "es")).status_code == 303
    await is_whole()


async def test_a_server_that_lets_no_one_in_is_told_and_forgotten(browse, people, database, superuser):
    alice = browse(people.alice)
    await superuser(f"alter database {database.name} connection limit 0")
    await DB.stop()
    await DB.start(database.addresses, size=5)
    is_kind(await alice.get("/employers"))
    await superuser(f"alter database {database.name} connection limit -1")
    assert (await alice.get("/employers")).status_code == 200


async def test_a_server_that_became_read_only_is_told_and_its_connections_are_dropped(browse, people, database, template):
    """As after a failover: who is connected to the old one would stay there for ever."""
    alice = browse(people.alice)
    token = await alice.token("/account")
    as_superuser = partial(asyncio.to_thread, template[0].run)
    await as_superuser(f"alter database {database.name} set default_transaction_read_only = on")
    await DB.stop()
    await DB.start(database.addresses, size=5)
    assert (await alice.get("/employers")).status_code == 200
    is_kind(await save(alice, token, "es"))
    await as_superuser(f"alter database {database.name} reset default_transaction_read_only")
    assert (await save(alice, token, "es")).status_code == 303
    await is_whole()


@pytest.mark.parametrize(("limit", "act"), [
    ("statement_timeout", "select pg_sleep(5)"), ("idle_in_transaction_session_timeout", ""),
])  # fmt: skip
async def test_what_takes_too_long_is_ended_and_the_pool_is_whole(database, limit, act):
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError)):
        async with transaction() as opened:
            await execute(f"set local {limit} = '100ms'")
            if not act:
                async with asyncio.timeout(10):
                    while not opened.connection.is_closed():
                        await asyncio.sleep(0.01)
            await execute(act or "select 1")
    await is_whole()
    async with transaction():
        assert await fetch_value("select 1") == 1


async def test_requests_that_are_dropped_at_any_moment_leave_the_pool_whole(browse, people):
    chance, alice = random.Random(11), browse(people.alice)
    assert (await alice.get("/employers")).status_code == 200
    for _round in range(CANCELS // 6):
        requests = [asyncio.create_task(alice.get("/employers")) for _request in range(6)]
        await asyncio.sleep(chance.random() * 0.08)
        for request in requests:
            request.cancel()
        for request in requests:
            with contextlib.suppress(asyncio.CancelledError):
                await request
    await is_whole()
    note("requests dropped in the middle", CANCELS)
    assert (await alice.get("/employers")).status_code == 200
