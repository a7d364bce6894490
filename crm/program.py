"""The running program: settings, servers, database and plugins, as every command, test and process needs them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path

from arq.connections import ArqRedis

from crm import audit_heads, days, documents, files, housekeeping, mail, migrations, sealing, work
from crm.audit_heads import Keeper
from crm.database import DB, Login, fetch, transaction
from crm.embedded import Addresses, running
from crm.fields import declaring
from crm.migrations import App
from crm.nightly import Nightly
from crm.plugins import FEATURES, PluginManager
from crm.settings import Settings
from crm.templating import make_environment, templates_folder
from crm.worker import Worker


@dataclass
class Program:
    settings: Settings
    addresses: Addresses
    plugins: PluginManager
    valkey: ArqRedis | None = None

    def worker(self) -> Worker:
        """A worker with the jobs and the listeners of features and plugins."""
        settings = self.settings
        return Worker(self.plugins.jobs(), slots=settings.workers, listeners=self.plugins.listeners(), nightly=self.nightly(),
                      heads=Keeper(audit_heads.file_of(settings)), tidy=partial(housekeeping.tidy, settings))  # fmt: skip

    def nightly(self) -> list[Nightly]:
        """What is done once a day, as far as it is set up."""
        settings = self.settings
        found = [Nightly("engagements.derive_all", "What falls due", "04:30", settings.time_zone),
                 Nightly("employers.sweep", "Look for duplicates", "02:30", settings.time_zone),
                 Nightly("engagements.levels", "Levels of engagement", "03:30", settings.time_zone),
                 Nightly("employer_events.remind", "Reminders of events", "08:00", settings.time_zone),
                 Nightly("fields.forget", "Values kept as long as was said", "01:30", settings.time_zone),
                 Nightly("incentives.forget", "Answers kept as long as was said", "01:45", settings.time_zone),
                 Nightly("incentives.recheck", "Cases that the law changed for", "04:00", settings.time_zone),
                 Nightly("reporting.count", "What leaders see", "05:00", settings.time_zone),
                 Nightly("reporting.send_due", "Reports by mail", "06:00", settings.time_zone)]  # fmt: skip
        if settings.backup_at:
            found.append(Nightly("backups.take", "Nightly backup", settings.backup_at, settings.time_zone))
        if settings.smtp_url:
            found.append(Nightly("record.mail_head", "Head of the record to the auditors", "00:05", settings.time_zone))
            found.append(Nightly("engagements.digests", "Morning mails", settings.digest_at, settings.time_zone))
        return found


@asynccontextmanager
async def database(addresses: Addresses, *, size: int = 10) -> AsyncIterator[None]:
    """The database with a pool for each login."""
    await DB.start({login: addresses.database[login] for login in Login}, size=size, others=addresses.others)
    try:
        yield
    finally:
        await DB.stop()


@asynccontextmanager
async def running_program(settings: Settings, *, migrate: bool = True, serving: bool = False, rules: bool = True) -> AsyncIterator[Program]:
    """Join the running servers or start our own (`serving` never joins), bring the database up to date, load the plugins."""
    async with running(settings, serving=serving) as addresses, database(addresses, size=settings.pool_size):
        if migrate:
            await migrations.migrate([migrations.CORE])
        async with assembled(settings, addresses, migrate=migrate, rules=rules) as program:
            yield program


@asynccontextmanager
async def assembled(
    settings: Settings, addresses: Addresses, *, migrate: bool = False, valkey: bool = True, rules: bool = True
) -> AsyncIterator[Program]:
    """The program on an open database: plugins, files, mail, documents, and the bell."""
    sealing.use_keys(*settings.secret_keys)
    plugins = await load_plugins(settings, rules=rules)
    if migrate:
        await migrations.migrate(apps(plugins))
        await declaring.declare()
    program = Program(settings, addresses, plugins)
    files.start(settings)
    days.start(settings.time_zone, settings.closed_days)
    mail.start(make_environment(settings, plugins), settings)
    documents.start(
        documents.Agency(name=settings.agency_name, zone=settings.time_zone, accent=settings.accent_color),
        [settings.data / "templates", templates_folder()], size=settings.renderers,
        plugin_folders=plugins.folders("templates"), catalogues=plugins.folders("locale"),
    )  # fmt: skip
    try:
        if not valkey:
            yield program
            return
        async with _bell(program):
            yield program
    finally:
        mail.stop()
        documents.stop()


def declare_sights() -> None:
    """Import every feature's tables: each says beside itself who sees its rows."""
    for name in FEATURES:
        if (Path(__file__).parent / name / "tables.py").exists():
            import_module(f"crm.{name}.tables")


async def load_plugins(settings: Settings, *, rules: bool = True) -> PluginManager:
    """Features and plugins as the state office has switched them; `rules` are read now, or when someone asks for them."""
    async with transaction(read_only=True):
        states = await fetch("select name, enabled, settings, approved_hash from plugin_state")
    manager = PluginManager(
        switched_off={row["name"] for row in states if not row["enabled"]} | set(settings.plugins_off),
        settings={row["name"]: row["settings"] for row in states},
        approved={row["name"]: row["approved_hash"] for row in states if row["approved_hash"]},
        no_plugins=settings.no_plugins,
    )
    declare_sights()
    manager.load()
    if rules:
        manager.prepare()
    work.register(manager.jobs())
    return manager


def apps(plugins: PluginManager) -> list[App]:
    """The core's Piccolo app and those of the plugins, in the order in which they migrate."""
    return [migrations.CORE, *(App(each.app_name, Path(each.resolved_migrations_folder_path)) for each in plugins.piccolo_apps())]


@asynccontextmanager
async def _bell(program: Program) -> AsyncIterator[None]:
    pool = ArqRedis.from_url(program.addresses.redis_url)
    pool.job_serializer, pool.job_deserializer = work.serialize, work.deserialize
    program.valkey = work.bell.pool = pool
    try:
        yield
    finally:
        await work.bell.quiet()
        await pool.aclose()
