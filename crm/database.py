"""The database: one engine for every table, our own transaction, and the logins that hold each to its rights.

Every query runs inside a `transaction()`; one outside raises. Piccolo's own transaction leaks its connection
when a commit fails or a task is cancelled, and joins when nested; ours always gives the connection back and
nests by savepoint.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from enum import StrEnum
from functools import partial
from typing import Any, cast
from uuid import UUID

import asyncpg
from asyncpg import Connection, Pool, Record
from piccolo.engine.base import BaseBatch, Engine
from piccolo.querystring import QueryString

from crm.errors import Unavailable
from crm.sql import Sql
from crm.translation import _

__all__ = ["DB", "Database", "Login", "Record", "Transaction", "transaction"]


class Login(StrEnum):
    """Who the database thinks we are. Never a superuser."""

    OWNER = "owner"  # migrates
    APP = "app"  # staff pages, jobs
    PORTAL = "portal"  # employers; row-level security
    RECORD = "record"  # adds to the audit, nothing else


class Transaction:
    """An open transaction. `after_commit` callbacks run once the outermost commit is done."""

    def __init__(self, connection: Connection, login: Login, read_only: bool) -> None:
        self.connection = connection
        self.login = login
        self.read_only = read_only
        self.depth = 0
        self.after_commit: list[Callable[[], None]] = []
        self.statements = 0


_current: ContextVar[Transaction | None] = ContextVar("crm_transaction", default=None)


class Database(Engine[Any]):
    """The engine behind every Piccolo table, with a pool for each login."""

    def __init__(self) -> None:
        self.pools: dict[Login, Pool] = {}
        self.acquire_timeout = 5.0  # seconds to get a connection
        self.release_timeout = 5.0  # seconds until one that does not answer is given up
        super().__init__(engine_type="postgres", min_version_number=15)

    async def start(
        self, addresses: Mapping[Login, str], *, size: int = 10, others: Mapping[Login, Sequence[str]] | None = None
    ) -> None:
        """Open a pool for each address. The pool of a login opens connections when they are first needed.

        `others` are the same addresses with the passwords of other keys, for as long as the keys change.
        """
        for login, address in addresses.items():
            candidates = [address, *(others or {}).get(login, ())]
            self.pools[login] = await asyncpg.create_pool(
                address, min_size=0, max_size=size, init=_prepare, command_timeout=None, connect=partial(_connect, candidates)
            )

    async def stop(self) -> None:
        pools, self.pools = list(self.pools.values()), {}
        for pool in pools:
            try:
                await asyncio.wait_for(pool.close(), 5)
            except OSError:  # too slow, or the server is gone already
                pool.terminate()

    async def run_querystring(self, querystring: QueryString, in_pool: bool = True) -> list[Record]:
        text, arguments = querystring.compile_string(engine_type=self.engine_type)
        return await fetch(text, *arguments)

    async def run_ddl(self, ddl: str, in_pool: bool = True) -> list[Record]:
        return await fetch(ddl)

    def transform_response_to_dicts(self, results: Iterable[Record]) -> list[dict[str, Any]]:
        return [dict(row) for row in results]

    def transaction(self, allow_nested: bool = True) -> Any:
        """For Piccolo's migration manager, which asks its engine: a savepoint inside ours."""
        return transaction(current().login)

    async def batch(self, query: Any, batch_size: int = 100, node: str | None = None) -> BaseBatch:
        raise TypeError("Piccolo's batch() leaves the transaction; use crm.database.rows().")

    def atomic(self) -> Any:
        raise TypeError("Piccolo's Atomic leaves the transaction; use crm.database.transaction().")

    async def get_version(self) -> float:
        return 15.0

    def get_version_sync(self) -> float:
        return 15.0

    async def check_version(self) -> None:
        """The version is checked once, at migration."""

    async def prep_database(self) -> None:
        """Extensions are made with the database."""


async def _connect(candidates: list[str], _address: str, **options: Any) -> Any:
    return await connected(candidates, **options)


async def connected(candidates: list[str], **options: Any) -> Any:
    """A connection to the first address whose password the server takes; it is tried first from then on."""
    *first, last = candidates
    for address in first:
        with suppress(asyncpg.InvalidPasswordError):
            return await _first_from_now(candidates, address, options)
    return await _first_from_now(candidates, last, options)


async def _first_from_now(candidates: list[str], address: str, options: dict[str, Any]) -> Any:
    connection = await asyncpg.connect(address, **options)
    if candidates[0] != address:
        candidates.remove(address)
        candidates.insert(0, address)
    return connection


async def _prepare(connection: Connection) -> None:
    # the binary form, so that COPY takes JSON too: a version byte, then the text
    await connection.set_type_codec(
        "jsonb", encoder=_encode_json, decoder=_decode_json, schema="pg_catalog", format="binary"
    )


def _encode_json(value: Any) -> bytes:
    # Piccolo hands JSON over as text already
    text = value if isinstance(value, str) else json.dumps(value, default=str, separators=(",", ":"))
    return b"\x01" + text.encode()


def _decode_json(value: bytes) -> Any:
    return json.loads(value[1:])


DB = Database()


def current() -> Transaction:
    """The open transaction. Raises when there is none: a query must say whose it is."""
    found = _current.get()
    if found is None:
        raise RuntimeError("This query is outside a transaction; open one with reading() or acting().")
    return found


def in_transaction() -> bool:
    return _current.get() is not None


@asynccontextmanager
async def transaction(
    login: Login = Login.APP, *, read_only: bool = False, session_secret: str | None = None
) -> AsyncIterator[Transaction]:
    """Open a transaction, or a savepoint inside the open one.

    Raises `Unavailable` when the database does not answer or no connection is free.
    """
    outer = _current.get()
    if outer is not None and outer.login is login:
        async with _savepoint(outer):
            yield outer
        return
    if outer is not None:
        raise RuntimeError(f"A {login} transaction cannot open inside one of {outer.login}.")
    pool = DB.pools.get(login)
    if pool is None:
        raise Unavailable(f"No database address is set for the login '{login}'.")
    connection, begun = await _begin(pool, read_only)
    try:
        opened = Transaction(cast(Connection, connection), login, read_only)
        token = _current.set(opened)
        try:
            async with _ending(connection, begun):
                if session_secret is not None:
                    await connection.execute("select set_config('crm.session', $1, true)", session_secret)
                yield opened
        except asyncpg.ReadOnlySQLTransactionError:
            if not read_only:
                # a failover: whoever is connected to the old server would stay there
                await pool.expire_connections()
            raise
        finally:
            _current.reset(token)
    finally:
        await _give_back(pool, connection)
    for callback in opened.after_commit:
        callback()


async def _begin(pool: Pool, read_only: bool) -> tuple[Any, Any]:
    """A connection with an open transaction. One that was lost unseen is replaced, once: nothing was sent on it yet."""
    connection = await _acquire(pool)
    try:
        begun = connection.transaction(readonly=read_only)
        await begun.start()
    except (asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError, asyncpg.InterfaceError, ConnectionError):
        await _give_back(pool, connection)
        connection = await _acquire(pool)
        try:
            begun = connection.transaction(readonly=read_only)
            await begun.start()
        except BaseException:
            await _give_back(pool, connection)
            raise
    except BaseException:
        await _give_back(pool, connection)
        raise
    return connection, begun


@asynccontextmanager
async def _ending(connection: Any, begun: Any) -> AsyncIterator[None]:
    """Commit, or take back what was done; the problem that led to it is the one that is told."""
    try:
        yield
    except BaseException:
        # a lost connection has taken it back already
        with suppress(asyncpg.PostgresConnectionError, asyncpg.InterfaceError, ConnectionError):
            if not connection.is_closed():
                await begun.rollback()
        raise
    if connection.is_closed():
        raise Unavailable(_("The connection to the database was lost, and nothing was changed. Try again in a moment."))
    await begun.commit()


async def _give_back(pool: Pool, connection: Any) -> None:
    """Shielded: a cancelled request must still give its connection back."""
    await asyncio.shield(pool.release(connection, timeout=DB.release_timeout))


async def _acquire(pool: Pool) -> Any:
    try:
        return await pool.acquire(timeout=DB.acquire_timeout)
    except (asyncpg.CannotConnectNowError, asyncpg.InterfaceError) as problem:
        raise Unavailable(_("The database is starting. Try again in a moment.")) from problem
    except (OSError, TimeoutError, asyncpg.PostgresError) as problem:
        # whatever it says instead of letting us in: full, closed for a restore, another password
        raise Unavailable(_("The database does not answer. Try again in a moment.")) from problem


@asynccontextmanager
async def _savepoint(outer: Transaction) -> AsyncIterator[None]:
    queued = len(outer.after_commit)
    outer.depth += 1
    try:
        inner = outer.connection.transaction()
        await inner.start()
        async with _ending(outer.connection, inner):
            yield
    except BaseException:
        del outer.after_commit[queued:]
        raise
    finally:
        outer.depth -= 1


async def fetch(sql: str | Sql, *arguments: Any) -> list[Record]:
    opened, text, values = _statement(sql, arguments)
    return cast(list[Record], await opened.connection.fetch(text, *values))


async def fetch_one(sql: str | Sql, *arguments: Any) -> Record | None:
    opened, text, values = _statement(sql, arguments)
    return await opened.connection.fetchrow(text, *values)


async def fetch_value(sql: str | Sql, *arguments: Any) -> Any:
    opened, text, values = _statement(sql, arguments)
    return await opened.connection.fetchval(text, *values)


async def execute(sql: str | Sql, *arguments: Any) -> int:
    """Run a statement; the number of rows it touched."""
    opened, text, values = _statement(sql, arguments)
    if not values:
        status = await opened.connection.execute(text)
    else:
        status = await opened.connection.execute(text, *values)
    count = status.rpartition(" ")[2]
    return int(count) if count.isdigit() else 0


async def update_row(table: str, row_id: UUID, values: Mapping[str, Any], *, version: int | None = None) -> int:
    """Set the columns (names are ours) of one row; its version grows. With `version`, only where it still is that; 1 when it was set."""
    assignments = "".join(f"{column} = ${place}, " for place, column in enumerate(values, start=3))
    return await execute(
        f"update {table} set {assignments}updated_at = now(), version = version + 1 "
        "where id = $1 and ($2::int is null or version = $2)",
        row_id, version, *values.values(),
    )  # fmt: skip


async def execute_many(sql: str, rows: Iterable[Sequence[Any]]) -> None:
    opened, text, _ = _statement(sql, ())
    await opened.connection.executemany(text, rows)


async def insert_many(table: str, columns: Sequence[str], records: Iterable[Sequence[Any]]) -> None:
    """Insert records (tuples in the order of the columns). For tables with policies, which refuse COPY."""
    places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
    await execute_many(f"insert into {table} ({', '.join(columns)}) values ({places})", records)


async def rows(sql: str | Sql, *arguments: Any, batch: int = 500) -> AsyncIterator[Record]:
    """Read through a server-side cursor, in constant memory."""
    opened, text, values = _statement(sql, arguments)
    async for row in opened.connection.cursor(text, *values, prefetch=batch):
        yield row


async def copy_into(table: str, columns: Sequence[str], records: Any) -> int:
    """COPY records (tuples in the order of the columns) into a table without policies; the number of rows."""
    opened, _, _ = _statement("", ())
    status = await opened.connection.copy_records_to_table(table, columns=list(columns), records=records)
    return int(status.rpartition(" ")[2])


def _statement(sql: str | Sql, arguments: Sequence[Any]) -> tuple[Transaction, str, Sequence[Any]]:
    opened = current()
    if opened.connection.is_closed():
        raise Unavailable(_("The connection to the database was lost, and nothing was changed. Try again in a moment."))
    opened.statements += 1
    if isinstance(sql, Sql):
        text, values = sql.render()
        return opened, text, values
    return opened, sql, arguments
