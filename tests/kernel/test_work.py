"""A job is a row: it is done once, tried again when it fails, and a worker given up for dead cannot write."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from crm import work
from crm.access import SYSTEM
from crm.actions import acting
from crm.database import execute, fetch, fetch_one, fetch_value, transaction
from crm.errors import Invalid
from crm.work import Job, LeaseLost, RunningJob
from crm.worker import Worker, sweep


async def add(kind="noop", **arguments):
    async with acting(SYSTEM, "test.asked") as act:
        act.record("test", None)
        return await act.enqueue(kind, arguments, title=kind, key=arguments.get("key"))


async def row(job_id):
    async with transaction(read_only=True):
        return await fetch_one("select * from job where id = $1", job_id)


async def test_runs_a_job_and_keeps_its_result(database):
    async def greet(job, name):
        await job.progress(1, 2, "half way")
        return {"hello": name}

    job_id = await add("greet", name="Ana")
    await Worker([Job("greet", greet)]).run_until_idle()

    done = await row(job_id)
    assert (done["state"], done["result"], done["progress_total"]) == ("done", {"hello": "Ana"}, 2)


async def test_a_rolled_back_action_leaves_no_job(database):
    with pytest.raises(ZeroDivisionError):
        async with acting(SYSTEM, "test.asked") as act:
            await act.enqueue("noop", {}, title="x")
            raise ZeroDivisionError
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from job") == 0


async def test_a_key_that_waits_gives_the_job_that_waits(database):
    assert await add(key="one") == await add(key="one")


async def test_jobs_of_one_line_run_one_after_another_in_the_order_they_were_asked(database):
    inside, order = 0, []

    async def step(job, number):
        nonlocal inside
        inside += 1
        assert inside == 1, "another job of the line runs"
        await asyncio.sleep(0)
        await job.progress(1)
        order.append(number)
        inside -= 1

    for number in range(4):
        async with acting(SYSTEM, "test.asked") as act:
            act.record("test", None)
            await act.enqueue("step", {"number": number}, title="step", line="one")
    workers = [Worker([Job("step", step)], slots=2) for _worker in range(2)]
    while len(order) < 4:
        await asyncio.gather(*(worker.run_until_idle() for worker in workers))

    assert order == [0, 1, 2, 3]


async def test_what_waits_in_line_waits_for_the_one_that_tries_again(database):
    done = []

    async def breaks(job):
        raise ZeroDivisionError

    async def goes(job):
        done.append(job.id)

    worker = Worker([Job("breaks", breaks), Job("goes", goes)])
    work.register([Job("breaks", breaks, attempts=2)])
    async with acting(SYSTEM, "test.asked") as act:
        act.record("test", None)
        first = await act.enqueue("breaks", {}, title="first", line="one")
        second = await act.enqueue("goes", {}, title="second", line="one")
    await worker.run_until_idle()
    assert ((await row(first))["state"], (await row(second))["state"]) == ("queued", "queued")

    async with transaction():
        await execute("update job set run_after = now()")
    await worker.run_until_idle()
    assert (await row(first))["state"] == "failed"
    assert done == [second]


async def test_what_is_dated_later_does_not_hold_up_its_line(database):
    done = []

    async def goes(job, name):
        done.append(name)

    worker = Worker([Job("goes", goes)])
    async with acting(SYSTEM, "test.asked") as act:
        act.record("test", None)
        await act.enqueue("goes", {"name": "tomorrow"}, title="x", line="one", run_after=datetime.now(UTC) + timedelta(days=1))
        await act.enqueue("goes", {"name": "now"}, title="x", line="one")
    await worker.run_until_idle()
    assert done == ["now"]
    async with transaction():
        await execute("update job set run_after = now() where state = 'queued'")
    await worker.run_until_idle()
    assert done == ["now", "tomorrow"]


async def test_what_ends_a_job_may_leave_its_key_to_the_next(database):
    async def again(job, key):
        async with job.acting("test.asked", ends=True) as act:
            act.record("test", None)
            await act.enqueue("again", {}, title="x", key="one", run_after=datetime.now(UTC) + timedelta(days=1))
        return {"url": "/there"}

    first = await add("again", key="one")
    await Worker([Job("again", again)]).run_until_idle()
    async with transaction(read_only=True):
        rows = await fetch("select id, state, result from job where key = 'one' order by created_at")
    assert [(each["id"] == first, each["state"], each["result"]) for each in rows] == [(True, "done", {"url": "/there"}), (False, "queued", None)]


async def test_tries_again_with_back_off_then_waits_for_a_person(database):
    async def breaks(job):
        raise ZeroDivisionError

    work.register([Job("breaks", breaks, attempts=2)])
    job_id = await add("breaks")
    worker = Worker([Job("breaks", breaks)])
    await worker.run_until_idle()
    first = await row(job_id)
    async with transaction():
        await execute("update job set run_after = now()")
    await worker.run_until_idle()
    second = await row(job_id)

    assert (first["state"], first["attempt"]) == ("queued", 1)
    assert first["run_after"] > first["started_at"]
    assert second["state"] == "failed"
    assert "number" in second["reason"]


async def test_what_a_person_must_mend_is_not_tried_again(database):
    async def refuses(job):
        raise Invalid("The file is empty. Choose another.")

    job_id = await add("refuses")
    await Worker([Job("refuses", refuses)]).run_until_idle()
    done = await row(job_id)
    assert (done["state"], done["reason"]) == ("failed", "The file is empty. Choose another.")


async def test_a_job_of_no_known_kind_says_so(database):
    job_id = await add("gone.away")
    await Worker([]).run_until_idle()
    assert "gone.away" in (await row(job_id))["reason"]


async def test_a_dead_workers_job_starts_again_and_the_revived_one_cannot_write(database):
    job_id = await add()
    dead = Worker([])
    dead.jobs = {}
    async with transaction():
        await execute("update job set state = 'running', attempt = 1, lease_until = now() - interval '1 second'")
    assert await sweep() == 1
    assert (await row(job_id))["state"] == "queued"
    async with transaction():
        await execute("update job set state = 'running', attempt = 2, lease_until = now() + interval '20 seconds'")

    revived = RunningJob(job_id, "noop", 1, SYSTEM)
    with pytest.raises(LeaseLost):
        async with revived.acting("test.wrote") as act:
            act.record("test", None)
    with pytest.raises(LeaseLost):
        await revived.progress(1)


async def test_a_job_that_always_dies_waits_for_a_person(database):
    job_id = await add()
    async with transaction():
        await execute("update job set state = 'running', attempt = attempts_allowed, lease_until = now() - interval '1 s'")
    await sweep()
    found = await row(job_id)
    assert found["state"] == "failed" and "died" in found["reason"]


async def test_a_stopped_job_stops_at_its_next_progress(database):
    started, go_on = asyncio.Event(), asyncio.Event()

    async def long(job):
        started.set()
        await go_on.wait()
        await job.progress(1)

    job_id = await add("long")
    worker = Worker([Job("long", long)])
    running = asyncio.create_task(worker.run_until_idle())
    await started.wait()
    async with transaction():
        assert await work.stop(job_id)
    go_on.set()
    await running
    assert (await row(job_id))["state"] == "stopped"


async def test_two_workers_share_the_work_without_doubling_it(database):
    done = []

    async def note(job, number):
        done.append(number)

    for number in range(30):
        await add("note", number=number)
    workers = [Worker([Job("note", note)], slots=3) for _ in range(2)]
    await asyncio.gather(*(worker.run_until_idle() for worker in workers))
    assert sorted(done) == list(range(30))


async def test_a_job_of_a_disabled_person_is_refused(database, people):
    async with acting(people.alice, "test.asked") as act:
        act.record("test", None)
        job_id = await act.enqueue("noop", {}, title="x")
    async with transaction():
        await execute("update account set disabled_at = now() where id = $1", people.alice.account_id)

    async def noop(job):
        raise AssertionError("must not run")

    await Worker([Job("noop", noop)]).run_until_idle()
    assert "no longer sign in" in (await row(job_id))["reason"]


async def test_events_become_one_job_for_each_listener(database):
    async with acting(SYSTEM, "board.made") as act:
        act.record("board", None)
        act.event("board_made", board_id="x")
    told = []

    async def tell(job, event, name, subject, plugin):
        told.append((name, plugin))

    await Worker([Job("events.tell", tell)], listeners={"board_made": ["a", "b"]}).run_until_idle()
    async with transaction(read_only=True):
        assert await fetch("select id from event where told_at is null") == []
    assert sorted(told) == [("board_made", "a"), ("board_made", "b")]
