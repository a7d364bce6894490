"""What has served its time goes: rows of the machinery, and what can be made again. What people wrote and the record stay."""

from datetime import UTC, datetime, timedelta

from msgspec import Struct

from crm.access import SYSTEM
from crm.actions import Act, acting
from crm.database import execute, fetch, fetch_value
from crm.settings import Settings
from crm.translation import _, lazy_
from crm.worded import worded

EVERY = timedelta(hours=1)
BATCH = 5_000  # rows of a table in one transaction, so that none holds locks for long
LOCK = 0x63726D_0006
USUAL = Settings()


class Spent(Struct, frozen=True):
    """Rows that go: a table and a condition on them, which may ask for `after`, and why they stay until then."""

    table: str
    condition: str
    after: timedelta
    reason: str


_ENDED = "least(revoked_at, (until + 1)::timestamptz) < now() - $1::interval"
SPENT = (
    Spent("session", "expires_at < now() - $1::interval", timedelta(days=90),
          "a network from which a person signed in within 90 days is familiar"),
    Spent("link_token", "expires_at < now() - $1::interval", timedelta(days=30), "the record names links by their id"),
    Spent("screening_link", _ENDED, timedelta(days=30), "the record names links by their id"),
    Spent("learner_link", _ENDED, timedelta(days=30), "the record names links by their id"),
    Spent("sign_in_throttle", "updated_at < now() - $1::interval", timedelta(days=2), "misses are counted for a day"),
    Spent("api_creation", "made_at < now() - $1::interval", timedelta(days=1), "a creation may be sent again for a day"),
    Spent("event", "told_at < now() - $1::interval", timedelta(days=30), "for looking up what a plugin was told"),
    Spent("job", "state in ('done', 'stopped') and finished_at < now() - $1::interval "
          "and not exists (select from import_batch i where i.job_id = job.id)", timedelta(days=30), "shown on the jobs page"),
    Spent("job", "state = 'failed' and finished_at < now() - $1::interval "
          "and not exists (select from import_batch i where i.job_id = job.id)", timedelta(days=180), "someone may start it again"),
    Spent("event_guest", "source = 'sign_up' and answer = '' and contact_id is null and came_at is null and updated_at < now() - $1::interval",
          timedelta(days=7), "a sign-up that no one confirmed may still be"),
    Spent("mail_message", "state not in ('queued', 'sending') and created_at < now() - $1::interval", timedelta(days=365),
          "what a person was told, and when"),
)  # fmt: skip


def _by_settings(settings: Settings) -> tuple[Spent, ...]:
    """Those whose time the installation says. The hires that were uploaded go with their trial."""
    return (
        Spent("rule_trial", "made_at < now() - $1::interval", timedelta(days=settings.trial_days), "someone may look at its result again"),
        Spent("stored_file", "kind = 'tried_hires' and created_at < now() - $1::interval "
              "and not exists (select from rule_trial t where t.file_id = stored_file.id)", timedelta(days=1), "its trial reads them"),
        Spent("stored_file", "kind like 'report:%' and created_at < now() - $1::interval", timedelta(days=settings.report_days), "mails lead to it"),
    )  # fmt: skip


async def tidy(settings: Settings = USUAL) -> int:
    """Take away what is spent; the number of rows. Safe at any time, any number of times, in any number of workers."""
    total, spent = 0, SPENT + _by_settings(settings)
    while gone := await _pass(spent):
        total += sum(gone.values())
        if max(gone.values()) < BATCH:
            break
    return total


async def _pass(every: tuple[Spent, ...]) -> dict[str, int]:
    """One transaction: at most a batch of each kind of row."""
    async with acting(SYSTEM, "housekeeping.done") as act:
        gone: dict[str, int] = {}
        if await fetch_value("select pg_try_advisory_xact_lock($1)", LOCK):
            await _give_up_links()
            await _forget_access_needs()
            for spent in every:
                if count := await _remove(act, spent):
                    gone[spent.table] = gone.get(spent.table, 0) + count
        if gone:
            act.record("housekeeping", None, after=gone)
        else:
            act.unchanged()
        return gone


async def _remove(act: Act, spent: Spent) -> int:
    delete = (
        f"delete from {spent.table} where ctid = any(array("  # noqa: S608 - our own words
        f"select ctid from {spent.table} where {spent.condition} limit {BATCH} for update skip locked))"
    )
    if spent.table != "stored_file":
        return await execute(delete, spent.after)
    keys = [row["storage_key"] for row in await fetch(f"{delete} returning storage_key", spent.after)]
    await forget_files(act, keys)
    return len(keys)


async def forget_files(act: Act, keys: list[str]) -> None:
    """Their rows go in this action, so that none names a missing file; they go a day later, so that a backup that began before still finds them."""
    if keys:
        await act.enqueue("files.forget", {"keys": keys}, title=worded(lazy_("Take away files that have served their time")),
                          run_after=datetime.now(UTC) + timedelta(days=1))  # fmt: skip


async def _forget_access_needs() -> None:
    """What guests need to take part serves the event alone, and they were told so."""
    await execute("update event_guest g set access_needs = '' from employer_event e where e.id = g.event_id and g.access_needs <> '' "
                  "and (e.ends_at < now() - interval '1 day' or e.cancelled_at < now() - interval '1 day')")  # fmt: skip


async def _give_up_links() -> None:
    """A mail that could not be sent while its link was good is not sent any more."""
    await execute(
        "update mail_message set state = 'failed', sealed = null, reason = $1 "
        "where state = 'queued' and sealed is not null and created_at < now() - interval '7 days'",
        _("Its link was too old before it could be sent."),
    )
