"""What incentives keep for a time alone: links that ended, trials of rules, and the hires that were uploaded for them."""

from datetime import date, timedelta

import pytest

from crm import files, housekeeping
from crm.access import SYSTEM
from crm.actions import acting
from crm.database import Login, execute, fetch, fetch_one, fetch_value, transaction
from crm.errors import NotFound
from crm.incentives.forms import AskForm
from crm.incentives.outside import learner, links
from crm.settings import Settings
from crm.worker import Worker
from tests.incentives.test_trials import draft, table, tried  # noqa: F401 - a fixture

TODAY = date(2026, 11, 30)


@pytest.mark.parametrize(("kind", "age"), [(links.ANSWERS, "until = current_date - 32"), (links.READS, "until = current_date - 32"), (links.READS, "revoked_at = now() - interval '31 days'")])
async def test_a_link_goes_a_month_after_it_ended_and_one_that_opens_stays(hire, people, kind, age):
    for _each in range(2):
        if kind is links.ANSWERS:
            await learner.ask(people.alice, hire, AskForm(language="en"), TODAY)
        else:
            await links.make(people.alice, hire, 30, TODAY)
    async with transaction(Login.OWNER):
        await execute(f"update {kind.table} set until = current_date + 7")
        await execute(f"update {kind.table} set {age} where id = (select id from {kind.table} limit 1)")
    assert await housekeeping.tidy() == 1
    assert await housekeeping.tidy() == 0
    async with transaction(read_only=True):
        assert await fetch_value(f"select count(*) from {kind.table}") == 1
        [entry] = await fetch("select after from audit_entry where verb = 'housekeeping.done'")
    assert entry["after"] == {kind.table: 1}


async def aged(table, days):
    async with transaction(Login.OWNER):
        await execute(f"update {table} set {'made_at' if table == 'rule_trial' else 'created_at'} = now() - $1::interval", timedelta(days=days))


async def test_a_trial_goes_with_its_uploaded_hires_after_the_days_of_the_setting(tried, people, program):  # noqa: F811
    await tried(people.ana, draft(), hires=table(12))
    async with transaction(read_only=True):
        key = await fetch_value("select storage_key from stored_file where kind = 'tried_hires'")
    await aged("rule_trial", 99)
    await aged("stored_file", 99)
    await housekeeping.tidy(Settings(trial_days=100))
    assert await files.read(key)

    await aged("rule_trial", 101)
    await housekeeping.tidy(Settings(trial_days=100))
    async with transaction(read_only=True):
        gone = await fetch_one("select (select count(*) from rule_trial) as trials, (select count(*) from stored_file where kind = 'tried_hires') as hires")
        job = await fetch_one("select arguments, run_after - now() as waits from job where name = 'files.forget'")
    assert dict(gone) == {"trials": 0, "hires": 0} and job["arguments"] == {"keys": [key]}
    assert job["waits"] > timedelta(hours=23)  # a backup that began before still finds the file
    assert await files.read(key)

    for _twice in range(2):
        async with transaction():
            await execute("update job set run_after = now(), state = 'queued', finished_at = null where name = 'files.forget'")
        await Worker(program.plugins.jobs()).run_until_idle()
        with pytest.raises(NotFound):
            await files.read(key)


async def test_a_report_on_paper_goes_after_its_days_and_other_files_never(program):
    stored = [await files.put(b"%PDF-1.7\n" + str(each).encode(), "pdf") for each in range(3)]
    async with acting(SYSTEM, "test.kept") as act:
        for each, kind in zip(stored, ("report:state:en:x", "report:state:es:x", "attachment"), strict=True):
            act.record("file", await files.keep(each, "a.pdf", kind))
    await aged("stored_file", 401)
    async with transaction(Login.OWNER):
        await execute("update stored_file set created_at = now() where kind like 'report:state:es%'")
    await housekeeping.tidy()
    async with transaction(read_only=True):
        assert {row["kind"] for row in await fetch("select kind from stored_file")} == {"report:state:es:x", "attachment"}
