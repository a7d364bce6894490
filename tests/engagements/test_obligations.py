"""What falls due by a rule becomes a task, follows its day, and goes when the duty goes; what people did to it stays done."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.access import SYSTEM
from crm.actions import acting
from crm.database import execute, fetch, fetch_value, transaction
from crm.engagements import actions, courtesy, deriving, tasks
from crm.engagements.forms import ClaimForm
from crm.engagements.rules import Derived, Duty, derive
from crm.obligations import Obligation, Obligations

TODAY = date(2026, 11, 23)
DUE = date(2026, 12, 4)

# ── the rule ──

DAYS = st.dates(date(2026, 1, 1), date(2027, 1, 1))


@given(duties=st.dictionaries(st.integers(0, 5), st.builds(Duty, due=DAYS)),
       tasks=st.dictionaries(st.integers(0, 5), st.builds(Derived, id=st.uuids(), due=DAYS, open=st.booleans())))  # fmt: skip
def test_afterwards_each_duty_has_one_open_task_on_its_day_or_one_that_a_person_ended(duties, tasks):
    changes = derive(duties, tasks)
    after = {key: task for key, task in tasks.items() if key not in changes.gone}
    after |= {key: Derived(tasks[key].id, duties[key].due, True) for key in changes.moved}
    after |= {key: Derived(uuid4(), duties[key].due, True) for key in changes.added}

    assert all(after[key].due == duty.due if after[key].open else after[key].due >= duty.due for key, duty in duties.items())
    assert not any(task.open for key, task in after.items() if key not in duties)
    again = derive(duties, after)
    assert (again.added, again.moved, again.gone) == ([], [], [])


# ── as tasks ──


@pytest.fixture
async def duties(people, employers, program, monkeypatch):
    """Erin's employer on the north's pipeline with Bob, and a kind of obligation whose answers a test sets."""
    engagement = await actions.start(people.bob, employers.erins)
    async with acting(SYSTEM, "engagement.planned") as act:
        await execute("update engagement set owner_id = $2 where id = $1", engagement, people.bob.account_id)
        act.record("engagement", engagement)
    standing: list[Obligation] = []

    async def gather(asked, today):
        if any(each == "breaks" for each in standing):
            raise KeyError("x")
        return list(standing)

    monkeypatch.setitem(program.plugins.__dict__, "obligations", [Obligations("ohio.coverage", gather)])
    return standing


def coverage(employer, due=DUE, **more):
    return Obligation(employer_id=employer, key="coverage", title="Ask for the new certificate", why="Cover ends on %(day)s.",
                      values={"day": due}, citation="Agreement 4.2", due=due, **more)  # fmt: skip


async def look(program, now=datetime(2026, 11, 23, 10, tzinfo=UTC)):
    async with acting(SYSTEM, "job.asked") as act:
        job = await act.enqueue("engagements.derive_all", {}, title="What falls due")
        act.record("job", job)
    await program.worker().run_until_idle()
    async with transaction(read_only=True):
        assert await fetch_value("select state from job where id = $1", job) == "done"
        return await fetch("select * from task where obligation <> '' order by created_at, id")


async def test_a_duty_becomes_a_task_of_whoever_looks_after_the_employer(duties, people, employers, program):
    duties.append(coverage(employers.erins))
    [task] = await look(program)
    assert (task["title"], task["due"], task["assignee_id"], task["board_id"]) == (
        "Ask for the new certificate", DUE, people.bob.account_id, people.bob.home_board)  # fmt: skip
    assert task["note"].startswith("Cover ends on ") and task["note"].endswith("(Agreement 4.2)")
    assert await look(program) == [task]


async def test_it_speaks_the_language_of_whoever_does_it(duties, people, employers, program):
    async with acting(SYSTEM, "account.changed") as act:
        await execute("update account set language = 'es' where id = $1", people.bob.account_id)
        act.record("account", people.bob.account_id)
    duties.append(coverage(employers.erins))
    [task] = await look(program)
    assert "4 de diciembre de 2026" in task["note"]


async def test_the_task_follows_when_the_day_moves_and_goes_with_the_duty(duties, employers, program):
    duties.append(coverage(employers.erins))
    await look(program)
    duties[:] = [coverage(employers.erins, DUE + timedelta(days=7))]
    [task] = await look(program)
    assert task["due"] == DUE + timedelta(days=7)
    duties.clear()
    [task] = await look(program)
    assert task["dropped_at"] is not None


async def test_a_day_that_a_person_chose_stays_until_the_duty_itself_moves(duties, people, employers, program):
    duties.append(coverage(employers.erins))
    [task] = await look(program)
    sooner = DUE - timedelta(days=2)
    form = tasks.TaskForm(title=task["title"], due=sooner, assignee_id=task["assignee_id"])
    await tasks.change_task(people.bob, task["id"], form, task["version"])
    [task] = await look(program)
    assert task["due"] == sooner


async def test_what_was_done_comes_back_only_with_a_later_day(duties, people, employers, program):
    duties.append(coverage(employers.erins))
    [task] = await look(program)
    await tasks.finish_task(people.bob, task["id"], TODAY)
    assert len(await look(program)) == 1
    duties[:] = [coverage(employers.erins, DUE + timedelta(days=365))]
    first, following = await look(program)
    assert first["done_at"] is not None and following["due"] == DUE + timedelta(days=365)


async def test_a_kind_that_fails_keeps_its_tasks_and_is_named(duties, employers, program):
    duties.append(coverage(employers.erins))
    [task] = await look(program)
    duties.append("breaks")
    assert await look(program) == [task]
    async with transaction(read_only=True):
        result = await fetch_value("select result from job where name = 'engagements.derive_all' order by created_at desc limit 1")
    assert result["left_out"] == ["ohio.coverage"]


async def test_without_a_board_it_is_a_task_of_each_board_in_touch(duties, people, employers, boards, program):
    await actions.start(people.charlie, employers.erins)
    duties.append(coverage(employers.erins))
    assert {task["board_id"] for task in await look(program)} == {boards.north, boards.south}


# ── the lead of a conversation ──


async def test_the_lead_reminds_before_it_ends_and_no_more_when_it_is_let_go(people, employers, program):
    async def open_tasks():
        await program.worker().run_until_idle()
        async with transaction(read_only=True):
            return await fetch("select * from task where obligation = 'engagements.lead:lead' and dropped_at is null")

    until = await courtesy.claim(people.alice, employers.erins, ClaimForm(), days=14)
    [task] = await open_tasks()
    assert task["assignee_id"] == people.alice.account_id
    assert abs((until.date() - task["due"]).days - 2) <= 1  # the agency's day may begin before or after UTC's
    longer = await courtesy.claim(people.alice, employers.erins, ClaimForm(), days=30)
    [moved] = await open_tasks()
    assert moved["id"] == task["id"] and moved["due"] - task["due"] == longer.date() - until.date()
    await courtesy.release(people.alice, employers.erins)
    assert await open_tasks() == []


async def test_a_merge_leaves_one_task_of_a_duty(duties, people, employers, program):
    duties += [coverage(employers.erins), coverage(employers.franks, board_id=people.bob.home_board)]
    await actions.start(people.bob, employers.franks)
    assert len(await look(program)) == 2
    async with acting(SYSTEM, "employer.merged") as act:
        await execute("update task set employer_id = $1 where employer_id = $2", employers.erins, employers.franks)
        act.record("employer", employers.erins)
    duties.pop()
    assert sum(task["dropped_at"] is None for task in await look(program)) == 1


async def test_it_can_be_asked_twice(duties, employers, program):
    duties.append(coverage(employers.erins))
    for _time in range(2):
        async with acting(SYSTEM, "job.asked") as act:
            await deriving.ask_for(act, employers.erins)
            act.record("job", None)
    await program.worker().run_until_idle()
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from task where obligation <> ''") == 1
