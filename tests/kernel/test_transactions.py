"""A transaction gives its connection back, whatever happens, and holds each login to its rights."""

import asyncio
import contextlib
import random
import socket

import asyncpg
import pytest

from crm.database import DB, Login, execute, fetch_value, in_transaction, transaction
from crm.errors import Unavailable
from crm.testing.figures import note, soaking


async def test_refuses_a_query_outside_a_transaction(database):
    with pytest.raises(RuntimeError, match="outside a transaction"):
        await fetch_value("select 1")


async def test_the_end_goes_on_where_the_server_is_gone(database):
    async with transaction(read_only=True):
        await fetch_value("select 1")
    [connection] = [holder._con for holder in DB.pools[Login.APP]._holders if holder._con]
    connection._transport.get_extra_info("socket").shutdown(socket.SHUT_WR)  # as when it was killed in this moment
    await DB.stop()
    assert DB.pools == {}


async def test_nested_transactions_are_savepoints(database):
    async with transaction():
        await execute("insert into board (code, name, public_name) values ('a', 'A', 'A')")
        with contextlib.suppress(ZeroDivisionError):
            async with transaction():
                await execute("insert into board (code, name, public_name) values ('b', 'B', 'B')")
                raise ZeroDivisionError
    async with transaction(read_only=True):
        assert await fetch_value("select array_agg(code) from board") == ["a"]


async def test_read_only_refuses_to_write(database):
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        async with transaction(read_only=True):
            await execute("insert into board (code, name, public_name) values ('a', 'A', 'A')")


async def test_callbacks_run_after_the_outer_commit_alone(database):
    heard = []
    async with transaction() as opened:
        opened.after_commit.append(lambda: heard.append("outer"))
        with contextlib.suppress(ZeroDivisionError):
            async with transaction():
                opened.after_commit.append(lambda: heard.append("undone"))
                raise ZeroDivisionError
        assert heard == []
    assert heard == ["outer"]


async def test_cancelled_tasks_and_failed_commits_leave_the_pool_whole(database):
    """13 cancelled tasks emptied a pool of 5 under Piccolo's own transaction."""
    chance = random.Random(7)
    pool = DB.pools[Login.APP]

    async def works() -> None:
        async with transaction():
            await fetch_value("select pg_sleep(0.005)")

    async def fails_to_commit() -> None:
        async with transaction():
            await execute("create temp table t (id int references t2 (id) deferrable) on commit drop")

    cancelled = 0
    for _round in range(5_000 if soaking() else 20):
        tasks = [asyncio.create_task(works()) for _ in range(8)]
        await asyncio.sleep(chance.random() * 0.006)
        for task in tasks:
            if chance.random() < 0.7:
                cancelled += task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with contextlib.suppress(asyncpg.PostgresError):
            await fails_to_commit()
    note("tasks cancelled in a transaction", cancelled)
    note("connections of the pool leaked", pool.get_size() - pool.get_idle_size())
    assert pool.get_size() == pool.get_idle_size()
    assert not in_transaction()


async def test_says_when_no_connection_is_free(database, monkeypatch):
    monkeypatch.setattr(DB, "acquire_timeout", 0.05)
    held = [await DB.pools[Login.APP].acquire() for _ in range(DB.pools[Login.APP].get_max_size())]
    try:
        with pytest.raises(Unavailable, match="does not answer"):
            async with transaction():
                pass
    finally:
        for connection in held:
            await DB.pools[Login.APP].release(connection)


@pytest.mark.parametrize("login", [Login.APP, Login.PORTAL, Login.RECORD])
async def test_every_login_has_an_end_for_everything(database, login):
    async with transaction(login):
        limits = {
            name: await fetch_value(f"select current_setting('{name}')")
            for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        }
    assert "0" not in limits.values(), limits


@pytest.mark.parametrize("login", list(Login))
async def test_no_login_is_a_superuser_or_passes_by_policies(database, login):
    async with transaction(login):
        assert not await fetch_value("select rolsuper or rolbypassrls from pg_roles where rolname = current_user")
