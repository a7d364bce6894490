"""How long sealed answers and the papers of cases are kept: as long as a case is underway or something is done, then so many days, and no longer."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from crm.access import SYSTEM
from crm.database import Login, execute, fetch, fetch_one, fetch_value, transaction
from crm.errors import NotFound
from crm.incentives import actions, hires, keeping, told
from crm.incentives.claims import rechecking
from crm.incentives.jobs import render_estimate
from crm.work import RunningJob
from tests.incentives.test_cases import evidence, moved
from tests.incentives.test_hires import TODAY

SETTING = timedelta(days=1095)


async def later(days):
    """What the nightly job says of that day."""
    async with transaction(Login.OWNER):
        job = await fetch_value("insert into job (id, name, title, arguments, actor_kind, state, attempt, lease_until) values "
                                "($1, 'incentives.forget', 'x', '{}', 'system', 'running', 1, now() + interval '1 minute') returning id", uuid4())  # fmt: skip
    return await keeping.forget(RunningJob(job, "incentives.forget", 1, SYSTEM), now=datetime.now(UTC) + timedelta(days=days))


async def sealed(hire):
    async with transaction(Login.OWNER, read_only=True):
        return dict(await fetch_one(
            "select (select count(*) from hire_fact where hire_id = $1 and value_sealed is not null) as answers, "
            "(select count(*) from estimate where hire_id = $1 and content_sealed is not null) as estimates, "
            "(select count(*) from case_file k join incentive_case c on c.id = k.case_id where c.hire_id = $1) as papers", hire))  # fmt: skip


@pytest.fixture
async def proved(case, people):
    await evidence(people.alice, case)
    async with transaction(read_only=True):
        return await fetch_value("select s.storage_key from stored_file s join case_file k on k.file_id = s.id")


async def ended(case, alice):
    await moved(alice, case, "withdrawn", reason="The person left")


async def test_while_a_case_is_underway_all_stays(hire, case, proved, people):
    before = await sealed(hire)
    assert before["answers"] and before["estimates"] and before["papers"]
    assert await later(4000) == {"hires": 0}
    assert await sealed(hire) == before
    async with transaction(read_only=True):
        assert await keeping.until(hire) is None


async def test_once_it_ended_all_goes_on_the_day_that_the_page_shows_and_not_before(hire, case, proved, people, browse):
    await ended(case, people.alice)
    async with transaction(read_only=True):
        day = await keeping.until(hire)
    assert day == (datetime.now(UTC) + SETTING).date()
    assert f"{day:%B} {day.day}, {day.year}" in (await browse(people.alice).get(f"/hires/{hire}")).text
    assert await later(SETTING.days - 1) == {"hires": 0}

    assert await later(SETTING.days + 1) == {"hires": 1}
    assert await sealed(hire) == {"answers": 0, "estimates": 0, "papers": 0}
    assert await later(SETTING.days + 1) == {"hires": 0}


async def test_what_is_no_secret_and_what_it_came_to_stay_and_the_record_says_how_much_went(hire, case, proved, people, browse):
    await ended(case, people.alice)
    await later(SETTING.days + 1)
    async with transaction(read_only=True):
        known = await told.of(await hires.one(people.alice, hire))
        entry = await fetch_one("select subject_id, after from audit_entry where verb = 'hire.answers_forgotten'")
        job = await fetch_one("select arguments from job where name = 'files.forget'")
        kept = await fetch_one("select estimated, state from incentive_case where id = $1", case)
    assert known and not any(each.is_secret for each in known.values())
    assert entry["subject_id"] == hire and entry["after"]["files"] == 1 and entry["after"]["answers"] and entry["after"]["estimates"] == 1
    assert job["arguments"] == {"keys": [proved]} and kept["state"] == "withdrawn"
    assert (await browse(people.alice).get(f"/cases/{case}")).status_code == 200
    async with transaction(read_only=True):
        assert await rechecking.answer_now("us-wotc", await fetch_value("select estimate_id from incentive_case where id = $1", case)) is None


async def test_an_answer_that_comes_later_begins_the_time_anew(hire, case, people):
    await ended(case, people.alice)
    async with transaction(Login.OWNER):
        await execute("update hire_fact set told_at = now() + interval '30 days' where id = (select id from hire_fact limit 1)")
    assert await later(SETTING.days + 10) == {"hires": 0}
    assert await later(SETTING.days + 31) == {"hires": 1}


async def test_a_paper_asked_for_afterwards_says_why_it_cannot_be_made(hire, people):
    estimate_id, _job = await actions.save_estimate(people.alice, hire, TODAY)
    async with transaction(Login.OWNER):
        await execute("update estimate set content_sealed = null")
        job = await fetch_one("select id from job where name = 'incentives.render_estimate'")
    with pytest.raises(NotFound, match="The time of what this estimate rests on is over"):
        await render_estimate(RunningJob(job["id"], "incentives.render_estimate", 1, people.alice), estimate_id=str(estimate_id))


async def test_other_hires_are_left_alone(hire, case, people, employers):
    from crm.incentives.forms import HireForm

    other = await hires.add(people.alice, employers.erins, HireForm(label="A.B."))
    await hires.tell(people.alice, other, {"birth_date": "2001-02-03"})
    async with transaction(Login.OWNER):
        await execute("update hire set updated_at = updated_at - interval '4000 days' where id = $1", other)
        await execute("update hire_fact set told_at = told_at - interval '4000 days' where hire_id = $1", other)
    assert await later(0) == {"hires": 1}
    assert (await sealed(other))["answers"] == 0 and (await sealed(hire))["answers"]
    async with transaction(read_only=True):
        assert [row["subject_id"] for row in await fetch("select subject_id from audit_entry where verb = 'hire.answers_forgotten'")] == [other]
