"""Two workers are killed, frozen and cut off while work comes in: each event is told, each effect happens once, in order."""

import random
import tempfile
from pathlib import Path

import pytest

from crm import work
from crm.access import SYSTEM
from crm.actions import acting
from crm.database import Login, execute, fetch, fetch_value, transaction
from crm.testing.figures import note, soaking
from tests.faults.checkers import History, problems
from tests.faults.nemesis import STRIKES, Bench, until

ROUNDS = 60 if soaking() else 1
EACH = 20  # jobs and events between two strikes
RECORDS = 5


@pytest.fixture
async def bench(database):
    async with transaction(Login.OWNER):
        await execute("create table struck_effect (id bigserial primary key, number int, record int, attempt int)")
        await execute("create table struck_hearing (id bigserial primary key, event_id bigint, plugin text)")
        # a job that is struck again and again is not the one that strikes: it goes on until it is done
        await execute("create function never_give_up() returns trigger language plpgsql as "
                      "$$ begin if new.name <> 'poison' then new.attempts_allowed = 1000; end if; return new; end $$")  # fmt: skip
        await execute("create trigger never_give_up before insert on job for each row execute function never_give_up()")
        await execute("grant all on struck_effect, struck_hearing to crm_app")
        await execute("grant all on all sequences in schema public to crm_app")
    with tempfile.TemporaryDirectory(prefix="crm-nemesis-") as folder, Bench(Path(folder), database.addresses) as made:
        yield made


async def some_work(asked):
    """A few actions, each with an event and a job on one of the records, in one transaction."""
    for _action in range(EACH):
        number = len(asked)
        async with acting(SYSTEM, "nemesis.asked") as act:
            act.record("nemesis", None)
            act.event("employer_changed", employer_id=str(number))
            job_id = await work.add(SYSTEM, "effect", {"number": number, "record": number % RECORDS}, title="x", line=f"record:{number % RECORDS}")
        asked[job_id] = number


async def all_is_quiet():
    async with transaction(read_only=True):
        return not await fetch_value("select exists (select from job where state in ('queued', 'running')) "
                                     "or exists (select from event where told_at is null)")  # fmt: skip


async def history(asked):
    async with transaction(read_only=True):
        return History(
            asked, jobs=await fetch("select id, state, attempt from job"), effects=await fetch("select * from struck_effect order by id"),
            events=await fetch("select id, told_at from event"), hearings=await fetch("select * from struck_hearing"), listeners=("first", "second"),
        )  # fmt: skip


async def test_every_event_is_told_and_every_effect_happens_once_and_in_order(bench):
    asked, struck, killed = {}, [], 0
    seed = random.randrange(10**9) if soaking() else 20261124
    chance = random.Random(seed)
    async with transaction():
        poison = await work.add(SYSTEM, "poison", {}, title="kills whoever takes it")
        await execute("update job set attempts_allowed = 3 where id = $1", poison)
    for _round in range(ROUNDS):
        for what in chance.sample(STRIKES, len(STRIKES)):
            await some_work(asked)
            await bench.strike(what, chance)
            struck.append(what)
            killed += bench.keep_alive()
    await until(all_is_quiet, bench.keep_alive)
    wrong = problems(await history(asked))
    assert not wrong, f"seed {seed}, strikes {struck}: {wrong[:10]}\n{bench.log.read_text()[-3000:]}"
    async with transaction(read_only=True):
        assert await fetch_value("select state from job where id = $1", poison) == "failed", "what kills each time waits for a person"
    note("strikes at workers and Valkey", len(struck))
    note("events told under strikes", len(asked))
    note("effects under strikes", len(asked) * 3)
    note("effects doubled or lost", 0)


GOOD = {"asked": {"a": 0, "b": 1}, "jobs": [{"id": "a", "state": "done", "attempt": 1}, {"id": "b", "state": "done", "attempt": 2}],
        "effects": [{"number": 0, "record": 0, "attempt": 1}, {"number": 1, "record": 0, "attempt": 2}],
        "events": [{"id": 7, "told_at": "now"}], "hearings": [{"event_id": 7, "plugin": "first"}], "listeners": ("first",)}  # fmt: skip


@pytest.mark.parametrize(("change", "told"), [
    ({}, []),
    ({"jobs": GOOD["jobs"][:1]}, ["job 1 is gone", "attempt 2 of job 1 wrote, though attempt None held it"]),
    ({"effects": GOOD["effects"][:1]}, ["the effect of job 1 happened 0 times"]),
    ({"effects": [*GOOD["effects"], GOOD["effects"][1]]}, ["the effect of job 1 happened 2 times"]),
    ({"effects": GOOD["effects"][::-1]}, ["record 0: 0 came after 1"]),
    ({"effects": [GOOD["effects"][0], GOOD["effects"][1] | {"attempt": 1}]}, ["attempt 1 of job 1 wrote, though attempt 2 held it"]),
    ({"events": [{"id": 7, "told_at": None}]}, ["event 7 was not told"]),
    ({"hearings": GOOD["hearings"] * 2}, ["first heard event 7 2 times"]),
], ids=["good", "job lost", "effect lost", "effect doubled", "out of order", "written by the dead", "untold", "heard twice"])  # fmt: skip
def test_the_checker_sees(change, told):
    assert problems(History(**(GOOD | change))) == told
