"""From every schema that ever landed, and whatever dies on the way, one comes to the schema of a new database, with every row."""

import asyncio
import itertools
import multiprocessing
import os
import signal
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

from crm import __version__, migrations
from crm.database import DB, Login
from crm.testing import cluster
from tests.upgrade import landed

RELEASES = sorted((Path(__file__).parent / "releases").glob("*.sql"))
DROPPED = {("import_row", "cells"): "0006: rejected rows are read from the stored file again"}
REWRITTEN: dict[str, str] = {}  # a table that may be written anew by an upgrade, and why that does not matter
FIRST = 4  # a start: BEGIN, the list of what was done, COMMIT, and the first migration's BEGIN
EACH = 4  # then its text, its record, its COMMIT, and the next one's BEGIN, when it is done
PREPARING = ("set local", "select pg_advisory")  # and what the pool does with a connection that it gets back


@pytest.fixture(scope="module")
def servers():
    return cluster.shared()


@pytest.fixture(scope="module")
def new_schema(servers):
    with made(servers) as url:
        asyncio.run(landed.migrate(url))
        return landed.schema(url)


@contextmanager
def made(servers):
    name = f"upgrade_{os.urandom(4).hex()}"
    servers.create_database(name)
    try:
        yield servers.url(name, Login.OWNER)
    finally:
        servers.drop_database(name)


def killed_at(url, point):
    """Migrate in a process that dies (kill -9) before its `point`-th statement; whether it came so far."""
    process = multiprocessing.get_context("fork").Process(target=_migrate_and_die, args=(url, point))
    process.start()
    process.join(60)
    assert process.exitcode in {0, -signal.SIGKILL}, process.exitcode
    return process.exitcode != 0


def _migrate_and_die(url, point):
    passed, real = 0, asyncpg.Connection.execute

    async def execute(self, text, *arguments, **named):
        nonlocal passed
        passed += not text.lower().startswith(PREPARING)
        if passed == point:
            os.kill(os.getpid(), signal.SIGKILL)
        return await real(self, text, *arguments, **named)

    asyncpg.Connection.execute = execute
    DB.pools = {}
    asyncio.run(landed.migrate(url))


def check(url, before, new_schema):
    assert landed.schema(url) == new_schema
    after = asyncio.run(landed.look(url))
    assert {name for name, table in before.items() if after[name].file != table.file} <= set(REWRITTEN)
    for name, table in before.items():
        columns = set(after[name].rows[0])
        assert {(name, column) for column in set(table.rows[0]) - columns} <= set(DROPPED)
        for row in table.rows:
            kept = {column: value for column, value in row.items() if column in columns}
            assert any(kept.items() <= each.items() for each in after[name].rows), (name, kept)


@pytest.mark.parametrize("upto", range(1, len(landed.ALL)), ids=lambda upto: landed.ALL[upto - 1].name)
def test_from_every_landed_schema_after_a_kill_on_the_way(servers, new_schema, upto):
    with made(servers) as url:
        before = landed.landed(url, upto)
        assert all(table.rows for table in before.values())
        assert killed_at(url, FIRST + EACH * (len(landed.ALL) - upto) // 2)
        asyncio.run(landed.migrate(url))
        check(url, before, new_schema)


def test_from_the_oldest_schema_killed_at_every_statement(servers, new_schema):
    with made(servers) as url:
        before = landed.landed(url, 1)
        points = itertools.chain(range(1, FIRST + 1), itertools.cycle(range(FIRST + 1, FIRST + EACH + 1)))
        limit = itertools.islice(points, 2 * EACH * len(landed.ALL))
        kills = sum(1 for _kill in itertools.takewhile(lambda point: killed_at(url, point), limit))
        assert kills >= EACH * (len(landed.ALL) - 1)
        check(url, before, new_schema)


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.stem)
def test_from_every_release(servers, new_schema, release):
    with made(servers) as url:
        asyncio.run(load(url, release.read_text(encoding="utf-8")))
        before = asyncio.run(landed.look(url))
        assert all(table.rows for table in before.values())
        asyncio.run(landed.migrate(url))
        check(url, before, new_schema)


async def load(url, text):
    connection = await asyncpg.connect(url)
    await connection.execute("set check_function_bodies = off")
    await connection.execute(text)
    await connection.close()


def test_this_version_is_among_the_releases():
    assert __version__ in [release.stem for release in RELEASES], "run `make release-schema` and commit what it writes"


async def test_a_migration_steps_back_from_a_table_in_use_and_comes_again(servers):
    """Whoever only reads the table meanwhile waits a second at most, not until the long reader has ended."""
    last = next(place for place, each in enumerate(landed.ALL) if "alter table job" in each.path.read_text(encoding="utf-8"))
    with made(servers) as url:
        await asyncio.to_thread(landed.landed, url, last)
        long_reader, visitor = await asyncpg.connect(url), await asyncpg.connect(url)
        reading = long_reader.transaction()
        await reading.start()
        await long_reader.execute("select from job")
        upgrade = asyncio.create_task(landed.migrate(url))
        while not await visitor.fetchval("select exists (select from pg_locks where not granted and relation = 'job'::regclass)"):
            await asyncio.sleep(0.01)
        await visitor.execute(f"set statement_timeout = '{migrations.LOCK_WAIT + 4}s'")
        await visitor.execute("select from job")
        assert not upgrade.done()
        await reading.rollback()
        assert len(await upgrade) == len(landed.ALL) - last
        await long_reader.close()
        await visitor.close()
