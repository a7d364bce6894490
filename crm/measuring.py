"""What tells an operator how the program does: measured in one place, for Prometheus, `crm status` and the status page."""

import asyncio
import shutil
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from babel.dates import format_timedelta
from babel.numbers import format_percent
from msgspec import Struct
from prometheus_client import CollectorRegistry, Gauge, Histogram, generate_latest

from crm import translation
from crm.database import DB, Record, fetch_one, transaction
from crm.server_versions import servers
from crm.translation import lazy_

if TYPE_CHECKING:
    from crm.program import Program

Found = dict[str, float]  # by name of the measure; what cannot be known here is left out
LATELY = "interval '3 days'"  # a failure is looked at after a weekend too, and then is history


class Unit(StrEnum):
    COUNT = "count"
    SECONDS = "seconds"
    SHARE = "share"  # of 1


class Measure(Struct, frozen=True):
    name: str
    unit: Unit
    title: str

    def words(self, value: float) -> str:
        if self.unit is Unit.SECONDS:
            if value < 1:
                return f"{round(value * 1000)} ms"
            return str(format_timedelta(round(value), threshold=2, locale=translation.locale()))
        if self.unit is Unit.SHARE:
            return str(format_percent(value, locale=translation.locale()))
        return translation.number(int(value))


MEASURES = (
    Measure("jobs_waiting", Unit.COUNT, lazy_("Work that is due and waits")),
    Measure("jobs_oldest_seconds", Unit.SECONDS, lazy_("The oldest of it waits for")),
    Measure("jobs_failed", Unit.COUNT, lazy_("Work that failed in the last 3 days and needs a person")),
    Measure("events_untold", Unit.COUNT, lazy_("Events that plugins were not told of yet")),
    Measure("events_oldest_seconds", Unit.SECONDS, lazy_("The oldest of them waits for")),
    Measure("mails_failed", Unit.COUNT, lazy_("Mails that could not be sent in the last 3 days")),
    Measure("mails_uncertain", Unit.COUNT, lazy_("Mails of the last 3 days that may have arrived or not")),
    Measure("mail_in_seconds", Unit.SECONDS, lazy_("Since mail was last fetched well from each mailbox, or else it was set up")),
    Measure("mails_quarantined", Unit.COUNT, lazy_("Messages of the last 3 days that came in and cannot be read")),
    Measure("seal_waiting", Unit.COUNT, lazy_("Entries of the record that wait for their seal")),
    Measure("seal_oldest_seconds", Unit.SECONDS, lazy_("The oldest entry waits for")),
    Measure("backup_taken_seconds", Unit.SECONDS, lazy_("Since the last backup, or else the installation")),
    Measure("backup_proven_seconds", Unit.SECONDS, lazy_("Since the last proven backup, or else the installation")),
    Measure("backup_broken", Unit.COUNT, lazy_("Newest drill: what did not hold")),
    Measure("journal_seconds", Unit.SECONDS, lazy_("Since all that was committed was in the journal's folder")),
    Measure("nightly_seconds", Unit.SECONDS, lazy_("Since nightly work last ended well, or else the installation")),
    Measure("servers_old", Unit.COUNT, lazy_("Servers of a version that is known to have holes")),
    Measure("connections_used", Unit.SHARE, lazy_("Connections of the database server in use")),
    Measure("pool_in_use", Unit.COUNT, lazy_("Database connections in use in this process")),
    Measure("pool_size", Unit.COUNT, lazy_("Database connections it may have")),
    Measure("disk_used", Unit.SHARE, lazy_("Disk of the data folder in use")),
    Measure("backup_disk_used", Unit.SHARE, lazy_("Disk of the backups in use")),
    Measure("requests_failed", Unit.SHARE, lazy_("Requests that failed since this process started")),
    Measure("requests_slowest_seconds", Unit.SECONDS, lazy_("19 of 20 requests were answered within")),
)  # fmt: skip

# where nothing was ever done, its age is that of the installation
_ROWS = f"""
    with installed as (select min(ran_on)::timestamptz as at from migration),
    due as (select run_after from job j where state = 'queued' and run_after <= now() and not exists (
        select from job other where other.line = j.line and other.state = 'running')),
    untold as (select at from event where told_at is null),
    unsealed as (select e.at from audit_waiting w join audit_entry e on e.id = w.entry_id),
    mails as (select state, count(*) from mail_message where created_at > now() - {LATELY} group by 1),
    good as (select max(taken_at) as taken, max(taken_at) filter (where drilled_at is not null and problems = '{{}}') as proven
        from backup),
    nightly as (select max(now() - coalesce((select max(finished_at) from job where name = n.name and state = 'done'
        and key is not null), installed.at)) as age from unnest($1::text[]) n (name), installed)
    select (select count(*) from due) as jobs_waiting,
        (select extract(epoch from now() - min(run_after)) from due) as jobs_oldest_seconds,
        (select count(*) from job where state = 'failed' and finished_at > now() - {LATELY}) as jobs_failed,
        (select count(*) from untold) as events_untold,
        (select extract(epoch from now() - min(at)) from untold) as events_oldest_seconds,
        (select sum(count) from mails where state = 'failed') as mails_failed,
        (select sum(count) from mails where state = 'uncertain') as mails_uncertain,
        (select extract(epoch from now() - min(coalesce(good_at, made_at))) from mailbox where kind = 'imap' and retired_at is null) as mail_in_seconds,
        (select count(*) from email where state = 'quarantined' and decided_by is null and kept_at > now() - {LATELY}) as mails_quarantined,
        (select count(*) from unsealed) as seal_waiting,
        (select extract(epoch from now() - min(at)) from unsealed) as seal_oldest_seconds,
        (select extract(epoch from now() - coalesce(taken, installed.at)) from good, installed) as backup_taken_seconds,
        (select extract(epoch from now() - coalesce(proven, installed.at)) from good, installed) as backup_proven_seconds,
        (select cardinality(problems) from backup where drilled_at is not null order by drilled_at desc limit 1) as backup_broken,
        (select extract(epoch from age) from nightly) as nightly_seconds,
        (select extract(epoch from now() - coalesce($2, at)) from installed) as journal_seconds,
        (select count(*) from pg_stat_activity where backend_type = 'client backend')::float
            / current_setting('max_connections')::float as connections_used
"""
_ZERO = {"jobs_oldest_seconds", "events_oldest_seconds", "mails_failed", "mails_uncertain", "seal_oldest_seconds", "backup_broken"}


async def measure(program: "Program") -> Found:
    """All that can be known in this process. Raises `Unavailable` when the database does not answer."""
    from crm.backups.journal import reached

    settings = program.settings
    shipped = await asyncio.to_thread(reached, settings.journal_folder)
    async with transaction(read_only=True):
        row = await fetch_one(_ROWS, [nightly.job for nightly in program.nightly()], shipped)
    assert row is not None
    found = _of_rows(row) | {"servers_old": float(sum(each.verdict == "old" for each in await servers(program)))}
    if not settings.journal_folder.name:
        del found["journal_seconds"]
    return {**found, **_pool(), **_disk("disk_used", settings.data), **_disk("backup_disk_used", settings.backup_folder),
            **_served()}  # fmt: skip


def _of_rows(row: Record) -> Found:
    """A count of nothing is 0; an age of nothing is 0 where nothing waits, and unknown where nothing is expected."""
    return {name: float(value or 0) for name, value in row.items() if value is not None or name in _ZERO}


def _pool() -> Found:
    pools = DB.pools.values()
    return {
        "pool_in_use": float(sum(pool.get_size() - pool.get_idle_size() for pool in pools)),
        "pool_size": float(sum(pool.get_max_size() for pool in pools)),
    }


def _disk(name: str, folder: Path) -> Found:
    """Of the nearest folder that is there."""
    there = next((path for path in (folder, *folder.absolute().parents) if path.exists()), Path("/"))
    disk = shutil.disk_usage(there)
    return {name: 1 - disk.free / (disk.used + disk.free)}


def _served() -> Found:
    """Of a process that answers requests."""
    from crm.requests import request_seconds, requests_total

    counts = [sample for metric in requests_total.collect() for sample in metric.samples if sample.name.endswith("_total")]
    total = sum(sample.value for sample in counts)
    if not total:
        return {}
    failed = sum(sample.value for sample in counts if sample.labels["status"].startswith("5"))
    return {"requests_failed": failed / total, "requests_slowest_seconds": quantile(request_seconds, 0.95)}


def quantile(histogram: Histogram, share: float) -> float:
    """The bound under which this share of all that was observed lies, whatever its labels."""
    buckets: dict[float, float] = {}
    for metric in histogram.collect():
        for sample in metric.samples:
            if sample.name.endswith("_bucket"):
                bound = float(sample.labels["le"])
                buckets[bound] = buckets.get(bound, 0) + sample.value
    wanted = buckets.get(float("inf"), 0) * share
    finite = [bound for bound in sorted(buckets) if bound != float("inf")]
    return next((bound for bound in finite if buckets[bound] >= wanted), finite[-1] if finite else 0.0)


def for_prometheus(found: Mapping[str, float], standing: Mapping[str, bool]) -> bytes:
    """The measures, and for each alert whether it stands."""
    registry = CollectorRegistry()
    for each in MEASURES:
        if each.name in found:
            Gauge(f"crm_{each.name}", each.title, registry=registry).set(found[each.name])
    alerts = Gauge("crm_alert", "Whether the alert stands", ["name"], registry=registry)
    for name, stands in standing.items():
        alerts.labels(name).set(stands)
    return generate_latest(registry)
