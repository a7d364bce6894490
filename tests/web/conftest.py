"""The program as `crm web` serves it: a process, a port, and bytes on a socket."""

import json
import os
import socket
import subprocess
import sys
from contextlib import contextmanager
from types import SimpleNamespace

import asyncpg
import pytest
import pytest_asyncio

from crm.database import Login
from tests.web.api import ROOT, token_of

SETTINGS = {Login.OWNER: "CRM_DATABASE_URL", Login.APP: "CRM_DATABASE_APP_URL", Login.PORTAL: "CRM_DATABASE_PORTAL_URL",
            Login.RECORD: "CRM_DATABASE_RECORD_URL"}  # fmt: skip


@pytest.fixture
def served(database, tmp_path):
    """`crm web` on the test's database, without a Valkey that answers. `log()` are its lines, as JSON."""
    with _serving(database.addresses, tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def server(template, tmp_path_factory):
    """As `served`, for all tests of a module that change nothing: on a database of its own."""
    servers, source = template
    name = f"{source}_{os.urandom(4).hex()}"
    servers.create_database(name, source)
    with _serving({login: servers.url(name, login) for login in Login}, tmp_path_factory.mktemp("server")) as made:
        yield made
    servers.drop_database(name)


@contextmanager
def _serving(addresses, folder):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CRM_")}
    set_up = {SETTINGS[login]: address for login, address in addresses.items()}
    set_up |= {"CRM_DATA": str(folder / "served"), "CRM_LOG_FORMAT": "json", "CRM_REDIS_URL": "redis://127.0.0.1:1", "CRM_URL": "http://crm.test",
               "CRM_API_RATE": "1000000"}  # fmt: skip
    log = folder / "served.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "crm.cli", "web", "--port", str(port)], env=kept | set_up, stdout=out, stderr=out
        )
    try:
        while not _answers(port):
            assert process.poll() is None, log.read_text()
        yield SimpleNamespace(
            port=port, pid=process.pid, text=log.read_text,
            log=lambda: [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")],
        )  # fmt: skip
        assert process.poll() is None, log.read_text()
    finally:
        process.terminate()
        process.wait(30)


def _answers(port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest_asyncio.fixture
async def as_superuser(database, template):
    """`as_superuser(sql)`, on the server and not on the test's database."""
    servers, _ = template

    async def run(sql):
        connection = await asyncpg.connect(servers.superuser_url("postgres"))
        try:
            await connection.execute(sql)
        finally:
            await connection.close()

    return run


@pytest_asyncio.fixture
async def api(browse, people):
    """`api("alice")`: a program with a token of hers."""

    async def new(name, rights="write", board_id=None):
        program = browse()
        program.base_url = f"http://crm.test{ROOT}"
        program.headers["authorization"] = f"Bearer {await token_of(getattr(people, name), rights, board_id)}"
        return program

    return new
