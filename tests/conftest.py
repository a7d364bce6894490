"""What every test may use: a migrated database of its own, people of every role, employers."""

import asyncio
import gc
import os
import secrets
import shutil
import tempfile
from copy import copy
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import asyncpg
import httpx
import hypothesis
import pytest
import pytest_asyncio
import structlog

from crm import migrations
from crm.app import create_routes, in_front
from crm.database import DB, Login
from crm.embedded import Addresses
from crm.log import start_logging
from crm.plugins import PluginManager
from crm.program import assembled, declare_sights
from crm.settings import settings_from
from crm.testing import cluster
from tests.beginnings import Beginnings, seen_just_now, settings_in

declare_sights()
PluginManager(no_plugins=True).load()  # the features alone, for tests without a program
for _lists in ("crm.employers.listing", "crm.engagements.listing", "crm.reporting.listing", "crm.incentives.claims.case_listing"):
    import_module(_lists)  # they declare themselves; where pages are served the routes bring them
start_logging(settings_from({}))
structlog.configure(cache_logger_on_first_use=False)  # so that a test can capture what is logged

# How fast the machine is just now is no finding: it may do other work beside.
hypothesis.settings.register_profile("crm", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("crm")

# The first process of a run names it; its workers inherit the name and share one database server.
OWNS_THE_RUN = "CRM_TEST_RUN" not in os.environ
os.environ.setdefault("CRM_TEST_RUN", secrets.token_hex(6))


def pytest_collection_finish(session):
    """What was imported and collected stays to the end: the collector of garbage need not look through it again and again."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish(session):
    """The run's server goes with the run."""
    if OWNS_THE_RUN:
        cluster.stop_run()


@pytest.fixture(scope="module")
def walkable_folder():
    """A folder that embedded servers can use, which run as another user when the tests run as root."""
    folder = Path(tempfile.mkdtemp(prefix="crm-test-folder-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def template():
    """The name of a database with the core's schema; each test's own is copied from it."""
    servers = cluster.shared()
    name = f"template_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    servers.create_database(name)
    asyncio.run(_migrate(servers, name))
    return servers, name


async def _migrate(servers, name):
    await DB.start({Login.OWNER: servers.url(name, Login.OWNER)}, size=1)
    await migrations.migrate([migrations.CORE])
    await DB.stop()


@pytest.fixture(scope="session")
def beginnings(template, tmp_path_factory):
    """The databases that each test's own is copied from."""
    servers, empty = template
    return Beginnings(servers, empty, tmp_path_factory.mktemp("beginnings"))


@pytest_asyncio.fixture
async def beginning(request, beginnings):
    """What this test begins from: the layers of `tests/beginnings.py` that it names."""
    return await beginnings.with_what(request.fixturenames)


@pytest_asyncio.fixture
async def database(template, beginning):
    """A database of this test's own, with a pool for each login; yields its name and its addresses by login."""
    servers, source = template
    name = f"{source}_{os.urandom(4).hex()}"
    await asyncio.to_thread(servers.create_database, name, beginning.database)
    addresses = {login: servers.url(name, login) for login in Login}
    await DB.start(addresses, size=5)
    yield SimpleNamespace(name=name, addresses=addresses)
    await DB.stop()
    await asyncio.to_thread(servers.drop_database, name)


@pytest_asyncio.fixture
async def superuser(database, template):
    """Run SQL as no one in the program can: as whoever owns the machine."""
    servers, _ = template
    async def run(sql, *values):
        connection = await asyncpg.connect(servers.superuser_url(database.name))
        try:
            return await connection.execute(sql, *values)
        finally:
            await connection.close()

    return run


@pytest.fixture
def boards(database, beginning):
    """Two boards, north and south."""
    return copy(beginning.holds["boards"])


@pytest.fixture
def employers(boards, beginning):
    """Erin's employer in the north, Frank's in the south, each with one establishment."""
    return copy(beginning.holds["employers"])


@pytest_asyncio.fixture
async def people(employers, beginning):
    """Alice (board staff) and Bob (manager) of the north, Charlie of the south, and one of each other role."""
    await seen_just_now()
    return copy(beginning.holds["people"])


@pytest.fixture
def world(program, people, beginning):
    """One of everything, made by Alice (tests/access/world.py), with its files."""
    shutil.copytree(beginning.folder, program.settings.data, dirs_exist_ok=True)
    return copy(beginning.holds["world"])


@pytest_asyncio.fixture
async def program(database, tmp_path):
    """The program as it serves, with its plugins, on the test's own database and folder, without Valkey."""
    async with assembled(settings_in(tmp_path / "data"), Addresses(database.addresses, ""), valkey=False, rules=False) as made:
        yield made


class Browser(httpx.AsyncClient):
    """A browser: keeps cookies, and sends the form token of the last page with every form."""

    async def token(self, page="/sign-in"):
        text = (await self.get(page)).text
        return text.partition('name="form-token" content="')[2].partition('"')[0]

    async def submit(self, url, *, page="/sign-in", **fields):
        """Post a form with the token that a page of ours carries. Redirects are not followed."""
        return await self.post(url, data={"_token": await self.token(page), **fields})


@pytest.fixture(scope="session")
def routes():
    """The routes for a program: made once for all tests with the same plugins, for each is analysed as it is made."""
    made = {}

    def found(program):
        plugins = tuple((plugin.name, plugin.state) for plugin in program.plugins.plugins)
        if plugins not in made:
            made[plugins] = create_routes(program)
        return made[plugins]

    return found


@pytest_asyncio.fixture
async def browse(program, routes):
    """`browse(actor)`: a browser in which the actor is signed in; without one, a visitor's."""
    app = in_front(routes(program), program)
    opened = []

    def new(actor=None, address="203.0.113.7"):
        transport = httpx.ASGITransport(app=app, client=(address, 1234), raise_app_exceptions=False)
        browser = Browser(transport=transport, base_url="http://crm.test")
        if actor is not None:
            browser.cookies.set("crm-session", actor.session_secret, domain="crm.test", path="/")
        opened.append(browser)
        return browser

    yield new
    for browser in opened:
        await browser.aclose()


@pytest_asyncio.fixture
async def client(browse):
    """A visitor's browser."""
    return browse()


@pytest.fixture
def statements(monkeypatch):
    """What the driver sends for a page, apart from the frame of its transaction and the one look-up of the session."""
    sent = []
    frame = ("begin", "commit", "rollback", "savepoint", "release", "select pg_advisory_unlock_all", "select s.id as session_id")

    def listening(method):
        async def send(self, query, *values, **options):
            if not query.strip().lower().startswith(frame):
                sent.append((query, values))
            return await method(self, query, *values, **options)

        return send

    for name in ("fetch", "fetchrow", "fetchval", "execute"):
        monkeypatch.setattr(asyncpg.Connection, name, listening(getattr(asyncpg.Connection, name)))
    return sent
