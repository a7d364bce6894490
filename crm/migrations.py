"""Migrations of the core and of plugins: each runs once, whole, with its record, one process at a time.

A migration is a `.sql` file or a Piccolo migration module in an app's migrations folder, run in the order of
the file names. Piccolo's own runner records success in a second transaction; ours holds the change and its
record in one.
"""

import asyncio
import importlib.util
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from asyncpg import LockNotAvailableError, PostgresError

from crm.database import Login, execute, fetch, fetch_value, transaction
from crm.errors import UserError

LOCK = 0x63726D  # "crm": two starts at once run the migrations one after the other
OLDEST_SERVER = 150000
LOCK_WAIT = 1  # seconds in which every other user of a table may have to wait behind a migration that waits for it
PAUSE = 1  # seconds in which they get on
TRIES = 15


class MigrationProblem(UserError):
    status = 503
    code = "migration"


@dataclass(frozen=True)
class App:
    """Whose migrations they are. Piccolo's own AppConfig brings its command line with it, which no start needs."""

    name: str
    folder: Path


CORE = App("crm", Path(__file__).parent / "piccolo_migrations")


@dataclass(frozen=True)
class Migration:
    app: str
    path: Path

    @property
    def name(self) -> str:
        return self.path.stem


def migrations_of(app: App) -> list[Migration]:
    """The app's migrations in the order in which they run."""
    found = [p for p in app.folder.iterdir() if p.suffix in {".sql", ".py"} and not p.name.startswith("_")]
    return [Migration(app.name, path) for path in sorted(found)]


async def pending(apps: list[App]) -> list[Migration]:
    """What has not run yet. Raises when the database is newer than the program."""
    async with transaction(Login.OWNER, read_only=True):
        exists = await fetch_value("select to_regclass('public.migration') is not null")
        done = {(r["app_name"], r["name"]) for r in await fetch("select app_name, name from migration")} if exists else set()
    known = {(m.app, m.name) for app in apps for m in migrations_of(app)}
    names = {app.name for app in apps}
    ahead = sorted(f"{app}/{name}" for app, name in done - known if app in names)
    if ahead:
        raise MigrationProblem(
            f"The database has the migration {ahead[0]}, which this version of the program does not know. "
            "It was written by a newer version. Install that version, or restore a backup from before."
        )
    return [m for app in apps for m in migrations_of(app) if (m.app, m.name) not in done]


async def migrate(apps: list[App]) -> list[Migration]:
    """Run what is pending, each in a transaction of its own, and return it. Any number of processes may: they take turns."""
    return [migration for migration in await _waiting(apps) if await _patiently(migration)]


async def _waiting(apps: list[App]) -> list[Migration]:
    async with _one_at_a_time():
        await _check_server()
        await execute(
            "create table if not exists migration (id serial primary key, name text not null, "
            "app_name text not null, ran_on timestamp not null default now(), unique (app_name, name))"
        )
        done = {(r["app_name"], r["name"]) for r in await fetch("select app_name, name from migration")}
    return [m for app in apps for m in migrations_of(app) if (m.app, m.name) not in done]


@asynccontextmanager
async def _one_at_a_time() -> AsyncIterator[None]:
    async with transaction(Login.OWNER):
        await execute("set local statement_timeout = 0")
        await execute("set local idle_in_transaction_session_timeout = 0")
        await execute("set local lock_timeout = 0")
        await execute("select pg_advisory_xact_lock($1)", LOCK)
        yield


async def _patiently(migration: Migration) -> bool:
    """Run it; False when another process has. It steps back from a table that is in use, lest everyone queue behind it."""
    for tries_left in reversed(range(TRIES)):
        try:
            return await _run(migration)
        except LockNotAvailableError as problem:
            if not tries_left:
                raise MigrationProblem(
                    f"The migration {migration.app}/{migration.name} did not run: {problem}. Something else keeps a table in use, "
                    "such as a backup or a report. Nothing of it was changed; start again when that has ended."
                ) from problem
            await asyncio.sleep(PAUSE)
        except PostgresError as problem:
            raise MigrationProblem(
                f"The migration {migration.app}/{migration.name} did not run: {problem}. Nothing of it was changed. "
                "Restore a backup, or send this to whoever maintains the program."
            ) from problem
    raise AssertionError("the last try returns or raises")


async def _check_server() -> None:
    version = int(await fetch_value("select current_setting('server_version_num')"))
    if version < OLDEST_SERVER:
        raise MigrationProblem(
            f"The database server is PostgreSQL {version // 10000}; this program needs 15 or later. "
            "Upgrade the server, or leave CRM_DATABASE_URL unset to use the embedded one."
        )


async def _run(migration: Migration) -> bool:
    async with _one_at_a_time():
        if await fetch_value("select exists (select from migration where app_name = $1 and name = $2)", migration.app, migration.name):
            return False
        await execute(f"set local lock_timeout = '{LOCK_WAIT}s'")
        if migration.path.suffix == ".sql":
            await execute(migration.path.read_text(encoding="utf-8"))
        else:
            await _run_module(migration)
        await execute("insert into migration (name, app_name) values ($1, $2)", migration.name, migration.app)
        return True


async def _run_module(migration: Migration) -> None:
    spec = importlib.util.spec_from_file_location(f"{migration.app}_{migration.name}", migration.path)
    if spec is None or spec.loader is None:
        raise MigrationProblem(f"{migration.path}: this migration cannot be read. Is it a Python file?")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    manager = await module.forwards()
    await manager.run()
