"""What an operator is told of: each alert with rows that make it stand, and where it is read."""

import re
from pathlib import Path

import httpx
import pytest

from crm import alerts, translation
from crm.alerts import ALERTS
from crm.measuring import MEASURES, measure

WATCH = Path(__file__).parents[2] / "docs/run/watch.md"
JOB = "insert into job (name, title, actor_kind, state, run_after, finished_at) values ('mail.send', 'Mail', 'system', "
MAIL = "insert into mail_message (to_address, subject, text_body, html_body, language, template, message_id, state) values ('a@b.example', 'S', 'T', '', 'en', 'x', '<1@b>', "
BACKUP = "insert into backup (taken_at, file, size, row_count, file_count, drilled_at, problems) values "
INSTALLED = "update migration set ran_on = now() - interval '27 hours'"
NIGHT = "insert into job (name, title, key, actor_kind, state, finished_at) values ('{0}', 'Night', '{0}:2026-11-23', 'system', 'done', now())"
NIGHTLY = ("engagements.derive_all", "employers.sweep", "engagements.levels", "employer_events.remind", "fields.forget", "incentives.forget", "reporting.count",
           "reporting.send_due", "incentives.recheck")  # fmt: skip
LOOKED = "; ".join(map(NIGHT.format, NIGHTLY))
# rows that make it stand, and rows that mend it
CAUSES = {
    "jobs_stuck": (f"{JOB} 'queued', now() - interval '11 minutes', null)", "update job set state = 'running', lease_until = now()"),
    "jobs_failed": (f"{JOB} 'failed', now(), now() - interval '2 days')", "update job set finished_at = now() - interval '4 days'"),
    "events_stuck": ("insert into event (name, subject, at) values ('x', '{}', now() - interval '6 minutes')", "update event set told_at = now()"),
    "mail_failed": (f"{MAIL} 'failed')", "update mail_message set created_at = now() - interval '4 days'"),
    "mail_uncertain": (f"{MAIL} 'uncertain')", "update mail_message set state = 'sent'"),
    "mail_in_late": ("insert into mailbox (kind, name, good_at) values ('imap', 'a', now() - interval '31 minutes'), ('door', 'b', null)",
                     "update mailbox set good_at = now()"),
    "mail_in_unread": ("with box as (insert into mailbox (kind, name) values ('door', 'a') returning id) insert into email (mailbox_id, sha256, size, "
                       "received_at, state) select id, '', 1, now(), 'quarantined' from box", "update email set state = 'ignored'"),
    "record_unsealed": (
        "insert into audit_entry (actor_kind, actor_name, verb, outcome, subject_kind, request_id, at) "
        "values ('system', '', 'x', 'done', '', '', now() - interval '6 minutes')", "delete from audit_waiting"),
    "nightly_late": (f"{INSTALLED}; {BACKUP} (now(), 'a', 1, 1, 1, now(), '{{}}')", LOOKED),
    "backup_old": (f"{INSTALLED}; {LOOKED}; {BACKUP} (now() - interval '27 hours', 'a', 1, 1, 1, now(), '{{}}'), (now(), 'b', 1, 1, 1, null, '{{}}')",
                   "update backup set drilled_at = now()"),
    "backup_broken": (f"{BACKUP} (now(), 'a', 1, 1, 1, now(), '{{row}}')",
                      f"{BACKUP} (now(), 'b', 1, 1, 1, now() + interval '1 second', '{{}}')"),
}  # fmt: skip
# those that no row makes stand: a value over the limit does
BY_VALUE = {"server_old": 1, "connections_short": 0.81, "disk_full": 0.81, "backup_disk_full": 0.81}
BY_SETTING = {"journal_late"}


def test_every_alert_is_tried():
    assert {alert.name for alert in ALERTS} == set(CAUSES) | set(BY_VALUE) | BY_SETTING
    assert {alert.measure for alert in ALERTS} <= {each.name for each in MEASURES}


async def names(program):
    return {each.name for each in alerts.standing(await measure(program))} - set(BY_VALUE)


async def test_all_is_well_at_the_start(program):
    assert await names(program) == set()


@pytest.mark.parametrize("name", CAUSES)
async def test_stands_while_its_cause_does(name, program, superuser):
    cause, cure = CAUSES[name]
    await superuser(cause)
    assert await names(program) == {name}
    await superuser(cure)
    assert await names(program) == set()


@pytest.mark.parametrize(("name", "value"), BY_VALUE.items())
def test_stands_above_its_limit_alone(name, value):
    alert = next(alert for alert in ALERTS if alert.name == name)
    assert alert.stands({alert.measure: value}) and not alert.stands({alert.measure: alert.above}) and not alert.stands({})


async def test_a_nightly_backup_is_late_only_where_it_is_set(program, superuser):
    from msgspec.structs import replace

    await superuser(f"{INSTALLED}; {LOOKED}; {BACKUP} (now(), 'a', 1, 1, 1, now(), '{{}}')")
    assert await names(program) == set()
    program.settings = replace(program.settings, backup_at="02:30")
    assert await names(program) == {"nightly_late"}
    await superuser(NIGHT.format("backups.take"))
    assert await names(program) == set()


async def test_a_journal_is_late_only_where_it_is_shipped(program, superuser, tmp_path):
    from datetime import UTC, datetime, timedelta

    from msgspec.structs import replace

    from crm.backups.journal import MOMENT

    await superuser("update migration set ran_on = now() - interval '2 minutes'")
    assert await names(program) == set()
    program.settings = replace(program.settings, journal_folder=tmp_path)
    assert await names(program) == {"journal_late"}
    for seconds, late in ((10, set()), (70, {"journal_late"})):
        (tmp_path / "reached").write_text((datetime.now(UTC) - timedelta(seconds=seconds)).strftime(MOMENT))
        assert await names(program) == late


async def test_work_that_waits_for_its_turn_is_not_stuck(program, superuser):
    await superuser(f"{JOB} 'queued', now() - interval '11 minutes', null); {JOB} 'running', now(), null); update job set line = 'import'")
    assert await names(program) == set()


async def test_every_measure_is_found(program):
    found = await measure(program)
    expected = {each.name for each in MEASURES} - {"journal_seconds", "mail_in_seconds"}  # not set up
    assert expected - {"requests_failed", "requests_slowest_seconds"} <= set(found)
    assert 0 < found["disk_used"] < 1 and 0 < found["connections_used"] < 1
    assert found["pool_size"] >= found["pool_in_use"] >= 0


async def test_prometheus_reads_measures_and_alerts(browse, superuser):
    await superuser(CAUSES["jobs_failed"][0])
    text = (await browse(address="127.0.0.1").get("/metrics")).text
    assert 'crm_alert{name="jobs_failed"} 1.0' in text and 'crm_alert{name="jobs_stuck"} 0.0' in text
    assert "crm_jobs_failed 1.0" in text and "crm_requests_total" in text


async def test_the_page_says_what_is_wrong_and_what_to_do_in_both_languages(browse, people, superuser):
    page = browse(people.sam)
    await superuser(CAUSES["jobs_failed"][0])
    [alert] = [alert for alert in ALERTS if alert.name == "jobs_failed"]
    for language in ("en", "es"):
        await superuser("update account set language = $1", language)
        with translation.speaking(language):
            told, cure = translation._(alert.told) % {"found": 1}, translation._(alert.cure)
        status = (await page.get("/status")).text
        assert told in status and cure in status
        assert told in (await page.get("/settings")).text


def test_the_manual_lists_every_alert_and_every_measure():
    text = WATCH.read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(\w+)` \| `(\w+)` \| ([^|]+) \|", text, re.MULTILINE)
    assert listed == [(alert.name, f"crm_{alert.measure}", alert.limit()) for alert in ALERTS]
    assert re.findall(r"^- `crm_(\w+)`: (.+)$", text, re.MULTILINE) == [(each.name, each.title) for each in MEASURES]


async def test_without_a_database_the_process_still_tells_of_itself(browse, database, template):
    import asyncpg

    servers, _source = template
    connection = await asyncpg.connect(servers.superuser_url("postgres"))
    try:
        await connection.execute(f"alter database {database.name} allow_connections false")
        await connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", database.name)
        answer: httpx.Response = await browse(address="127.0.0.1").get("/metrics")
        assert answer.status_code == 200 and "crm_requests_total" in answer.text and "crm_alert" not in answer.text
    finally:
        await connection.execute(f"alter database {database.name} allow_connections true")
        await connection.close()
