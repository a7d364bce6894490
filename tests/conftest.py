"""What every test may use: a migrated database of its own, people of every role, employers."""

import asyncio
import os
import secrets
import shutil
import tempfile
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import asyncpg
import httpx
import pytest
import pytest_asyncio
import structlog

from crm import migrations, piccolo_app, sessions
from crm.access import SYSTEM, Role
from crm.accounts.actions import Invitation, make_account
from crm.actions import acting
from crm.app import create_routes, in_front
from crm.database import DB, Login, execute, fetch_value, transaction
from crm.embedded import Addresses
from crm.log import start_logging
from crm.plugins import PluginManager
from crm.program import assembled, declare_sights
from crm.settings import settings_from
from crm.testing import cluster

declare_sights()
PluginManager(no_plugins=True).load()  # the features alone, for tests without a program
start_logging(settings_from({}))
structlog.configure(cache_logger_on_first_use=False)  # so that a test can capture what is logged

# The first process of a run names it; its workers inherit the name and share one database server.
OWNS_THE_RUN = "CRM_TEST_RUN" not in os.environ
os.environ.setdefault("CRM_TEST_RUN", secrets.token_hex(6))


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
    await migrations.migrate([piccolo_app.APP_CONFIG])
    await DB.stop()


@pytest_asyncio.fixture
async def database(template):
    """A database of this test's own, with a pool for each login; yields its name and its addresses by login."""
    servers, source = template
    name = f"{source}_{os.urandom(4).hex()}"
    await asyncio.to_thread(servers.create_database, name, source)
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


@pytest_asyncio.fixture
async def boards(database):
    """Two boards, north and south."""
    async with acting(SYSTEM, "board.made") as act:
        made = {}
        for code in ("north", "south"):
            made[code] = await fetch_value(
                "insert into board (code, name, public_name) values ($1, $2, $2) returning id", code, code.title()
            )
            act.record("board", made[code])
    return SimpleNamespace(**made)


@pytest_asyncio.fixture
async def employers(boards):
    """Erin's employer in the north, Frank's in the south, each with one establishment."""
    made = {}
    async with acting(SYSTEM, "employer.made") as act:
        for key, name, board in (("erins", "Erin's Bakery", boards.north), ("franks", "Frank's Garage", boards.south)):
            made[key] = await fetch_value("insert into employer (name, match_key) values ($1, lower($1)) returning id", name)
            await execute(
                "insert into establishment (employer_id, line1, city, state, zip, is_primary, board_id) "
                "values ($1, '1 Main Street', 'Worcester', 'MA', '01608', true, $2)",
                made[key], board,
            )  # fmt: skip
            act.record("employer", made[key])
        await execute("select refresh_employers($1)", list(made.values()))
    return SimpleNamespace(**made)


@pytest_asyncio.fixture
async def people(boards, employers):
    """Alice (board staff) and Bob (manager) of the north, Charlie of the south, and one of each other role."""
    async with acting(SYSTEM, "account.made") as act:
        partner = await fetch_value(
            "insert into partner (board_id, kind, name) values ($1, 'school', 'North High') returning id", boards.north
        )
        act.record("partner", partner)
    roles = {
        "alice": (Role.BOARD_STAFF, {"board_id": boards.north}), "bob": (Role.BOARD_MANAGER, {"board_id": boards.north}),
        "charlie": (Role.BOARD_STAFF, {"board_id": boards.south}), "sam": (Role.STATE_ADMIN, {}),
        "ana": (Role.STATE_ANALYST, {}), "walter": (Role.AUDITOR, {}), "teresa": (Role.PARTNER, {"partner_id": partner}),
        "erin": (Role.EMPLOYER_OWNER, {"employer_id": employers.erins}),
        "frank": (Role.EMPLOYER_MEMBER, {"employer_id": employers.franks}),
    }  # fmt: skip
    return SimpleNamespace(**{name: await _person(name, role, where) for name, (role, where) in roles.items()})


async def _person(name: str, role: Role, where: dict[str, UUID]):
    async with acting(SYSTEM, "account.made") as act:
        invitation = Invitation(email=f"{name}@example.org", name=name.title(), role=role, **where)
        account_id = await make_account(act, invitation)
        secret = await sessions.open_session(account_id, "password", complete=True, stepped_up=True)
    async with transaction(read_only=True):
        found = await sessions.find(secret)
    return found.actor


@pytest_asyncio.fixture
async def program(database, tmp_path):
    """The program as it serves, with its plugins, on the test's own database and folder, without Valkey."""
    settings = settings_from(
        {"CRM_DATA": str(tmp_path / "data"), "CRM_URL": "http://crm.test", "CRM_SECRET_KEY": "0" * 64, "CRM_LOG_LEVEL": "error"}
    )
    async with assembled(settings, Addresses(database.addresses, ""), valkey=False) as made:
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
