"""What has served its time goes; what is still of use stays; two workers at once do it once."""

import asyncio

import pytest

from crm import audit, housekeeping, mail
from crm.access import SYSTEM
from crm.actions import acting
from crm.database import execute, fetch, fetch_value, transaction
from crm.settings import settings_from
from crm.templating import make_environment
from crm.worker import Worker

# a table, the row's own columns, the column of its age, the age at which it goes, the name by which it is found
ROWS = [
    ("session", "secret_hash, account_id, method", "sha256($1::text::bytea), {account}, 'password'", "expires_at", "90 days"),
    ("link_token", "secret_hash, purpose", "sha256($1::text::bytea), 'sign_in'", "expires_at", "30 days"),
    ("sign_in_throttle", "key", "$1", "updated_at", "2 days"),
    ("event", "name", "$1", "told_at", "30 days"),
    ("job", "name, title, actor_kind, state", "'x', $1, 'system', 'done'", "finished_at", "30 days"),
    ("job", "name, title, actor_kind, state", "'x', $1, 'system', 'stopped'", "finished_at", "30 days"),
    ("job", "name, title, actor_kind, state", "'x', $1, 'system', 'failed'", "finished_at", "180 days"),
    ("mail_message", "to_address, subject, text_body, message_id, state", "'a@example.org', '', '', $1, 'sent'", "created_at", "365 days"),
]


@pytest.fixture
def add(people):
    async def row(table, columns, values, age, days, mark):
        async with transaction():
            await execute(
                f"insert into {table} ({columns}, {age}) values ({values}, now() - interval '{days}')".replace(
                    "{account}", f"'{people.alice.account_id}'"
                ),
                mark,
            )

    return row


async def count(table):
    async with transaction(read_only=True):
        return await fetch_value(f"select count(*) from {table}")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]} {row[2]}")
async def test_goes_when_it_is_spent_and_not_before(add, row):
    table, columns, values, age, days = row
    before = await count(table)
    await add(table, columns, values, age, f"{days} -1 minute", "still of use")
    await add(table, columns, values, age, f"{days} 1 minute", "spent")

    assert await housekeeping.tidy() == 1
    assert await count(table) == before + 1
    assert await housekeeping.tidy() == 0


async def test_the_record_says_what_went_and_nothing_when_nothing_did(add):
    entries = "audit_entry where verb = 'housekeeping.done'"
    await housekeeping.tidy()
    assert await count(entries) == 0

    await add(*ROWS[3][:4], "31 days", "a")
    await add(*ROWS[3][:4], "31 days", "b")
    await housekeeping.tidy()
    async with transaction(read_only=True):
        [row] = await fetch("select after from audit_entry where verb = 'housekeeping.done'")
    assert row["after"] == {"event": 2}
    while await audit.seal():
        pass
    assert (await audit.verify()).problems == []


async def test_what_runs_waits_or_belongs_to_an_import_stays(add, people):
    for state in ("queued", "running"):
        await add("job", "name, title, actor_kind, state", f"'x', $1, 'system', '{state}'", "created_at", "400 days", state)
    await add("event", "name", "$1", "at", "400 days", "not told yet")
    await add("mail_message", "to_address, subject, text_body, message_id, state", "'', '', '', $1, 'queued'", "created_at", "400 days", "m")
    await add(*ROWS[4][:4], "400 days", "an import's")
    async with transaction():
        await execute("insert into import_batch (file_name, job_id) select 'list.csv', id from job where state = 'done'")
    await housekeeping.tidy()
    assert (await count("job"), await count("event"), await count("mail_message")) == (3, 1, 1)


async def test_many_rows_go_in_small_transactions(add, monkeypatch):
    monkeypatch.setattr(housekeeping, "BATCH", 3)
    for number in range(10):
        await add(*ROWS[3][:4], "31 days", str(number))
    assert await housekeeping.tidy() == 10
    assert await count("audit_entry where verb = 'housekeeping.done'") == 4


async def test_two_at_once_take_each_row_once(add):
    for number in range(20):
        await add(*ROWS[2][:4], "3 days", str(number))
    done = await asyncio.gather(*(housekeeping.tidy() for _unused in range(4)))
    done.append(await housekeeping.tidy())
    assert sum(done) == 20
    async with transaction(read_only=True):
        told = await fetch("select after from audit_entry where verb = 'housekeeping.done'")
    assert sum(row["after"]["sign_in_throttle"] for row in told) == 20


async def test_a_link_that_waited_too_long_is_not_sent_any_more(program, tmp_path):
    settings = settings_from({"CRM_DATA": str(tmp_path), "CRM_URL": "http://crm.test", "CRM_SMTP_URL": "smtp://127.0.0.1:1?tls=none"})
    mail.start(make_environment(settings), settings)
    async with acting(SYSTEM, "test.mailed") as act:
        act.record("account", None)
        await mail.queue_mail(act, "invitation", to="ana@example.org", language="en",
                              context={"name": "Ana", "invited_by": "Bob", "path": "/x", "code": "1"})  # fmt: skip
    await housekeeping.tidy()
    async with transaction():
        assert await fetch_value("select state from mail_message") == "queued"
        await execute("update mail_message set created_at = now() - interval '8 days'")
    await housekeeping.tidy()
    async with transaction(read_only=True):
        [row] = await fetch("select state, sealed, reason from mail_message")
    assert (row["state"], row["sealed"]) == ("failed", None) and "too old" in row["reason"]


async def test_a_worker_does_it_when_it_starts(add):
    await add(*ROWS[2][:4], "3 days", "spent")
    worker = Worker([])
    running = asyncio.create_task(worker.run())
    async with asyncio.timeout(10):
        while await count("sign_in_throttle"):
            await asyncio.sleep(0.01)
    worker.stop()
    await running
