"""Wherever an action dies, it has happened whole or not at all, and the same action works afterwards."""

import random
from contextlib import suppress
from datetime import date, timedelta
from functools import partial
from io import BytesIO
from types import SimpleNamespace
from uuid import UUID

import asyncpg
import msgspec
import pytest

from crm import mail
from crm.database import Login, execute, fetch, fetch_value, transaction
from crm.templating import make_environment
from crm.testing.figures import note, soaking
from crm.worker import Worker, sweep
from tests.access.expectations import WRITES
from tests.access.world import address
from tests.faults.acts import ELSEWHERE, TRIES, named
from tests.faults.crashing import Crash, crash_at

FEW = 4
# routes that leave work to do: what does it may die too
LEAVE_WORK = (
    "POST /imports", "POST /imports/{import_id:uuid}/run", "POST /imports/{import_id:uuid}/revert",
    "POST /hires/{hire_id:uuid}/paper", "POST /cases/{case_id:uuid}/packet", "POST /cases/{case_id:uuid}/forms/{blank_form_id:uuid}", "POST /hires/{hire_id:uuid}/calendar",
    "POST /employers/{employer_id:uuid}/incentives/paper", "POST /incentives/simulator", "POST /incentives/shadow", "POST /people/invite", "POST /sign-in/link",
    "POST /networks/{name:str}/adopt", "POST /municipalities/{territory_id:uuid}/correct",
    "POST /territories/{territory_id:uuid}/correct", "POST /engagements/{engagement_id:uuid}/move",
    "POST /mailings/new", "POST /duplicates/sweep", "POST /emails/{email_id:uuid}/again", "POST /enrol", "POST /reports/count",
    "POST /reports/paper",
)  # fmt: skip


def test_the_sweep_knows_every_route_that_writes():
    assert set(TRIES) | ELSEWHERE == set(WRITES)
    assert not set(TRIES) & ELSEWHERE


@pytest.fixture
async def world(world, people, boards):
    async with transaction(read_only=True):
        later = await fetch_value("select s.id from stage s join pipeline p on p.id = s.pipeline_id where p.board_id is null "
                                  "and p.code = 'recruit' and s.kind = 'open' order by s.position offset 2 limit 1")
        session = await fetch_value("select id from session where account_id = $1", people.alice.account_id)
        grant = await fetch_value("select id from role_grant where account_id = $1", people.alice.account_id)
    values = vars(world) | {"other_board_id": boards.south, "later_stage_id": later, "session_id": session, "grant_id": grant,
                           "soon": date.today() + timedelta(days=30)}  # fmt: skip
    return SimpleNamespace(**values)


async def state():
    """What every table holds: the number of its rows, and the newest transaction that wrote one."""
    async with transaction(Login.OWNER, read_only=True):
        tables = [row["relname"] for row in await fetch(
            "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1")]  # fmt: skip
        rows = await fetch(" union all ".join(f"select '{name}' as name, count(*), max(xmin::text::bigint) as newest from {name}" for name in tables))
    return {row["name"]: (row["count"], row["newest"]) for row in rows}


def counts(found):
    return {name: count for name, (count, _newest) in found.items()}


def changed(before, now):
    """Tables with another number of rows: the number before, and now."""
    return {name: (before[name][0], count) for name, count in now.items() if count != before[name][0]}


async def attempt(browse, people, world, route):
    """Send what the line of the route says; the answer."""
    line = TRIES[route]
    first = browse(getattr(people, line.who, None))
    method, _blank, path = route.partition(" ")
    token = await first.token("/help/keys" if line.who != "nobody" else "/sign-in")
    cookies = list(first.cookies.jar)

    async def send(**body):
        """From a browser that knows no answer of a time before."""
        browser = browse()
        for cookie in cookies:
            browser.cookies.jar.set_cookie(cookie)
        return await browser.request(method, address(path, SimpleNamespace(**vars(world) | named(line, world))), **body)

    fields = {name: str(value).format_map(vars(world)) for name, value in line.fields.items()}
    if line.json is not None:
        return partial(send, json=filled(line.json, world), headers={"x-csrf-token": token, **line.headers})
    return partial(send, data={"_token": token, **fields}, files=line.files)


def filled(value, world):
    """What is sent as JSON, with the world's names in its texts."""
    if isinstance(value, dict):
        return {name: filled(inner, world) for name, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, world) for inner in value]
    return value.format_map(vars(world)) if isinstance(value, str) else value


async def prepare(browse, people, program, world, route):
    if TRIES[route].mails:
        mail.start(make_environment(program.settings), msgspec.structs.replace(program.settings, smtp_url="smtp://127.0.0.1:9?tls=none"))
    for step in TRIES[route].after:
        if step == "work":
            await Worker(program.plugins.jobs()).run_until_idle()
            continue
        if step == "it is over":
            async with transaction():
                await execute("update employer_event set starts_at = now() - interval '2 hours', ends_at = now() - interval '1 hour'")
            continue
        answer = await (await attempt(browse, people, world, step))()
        assert answer.status_code < 400, (step, answer.status_code, answer.text[-2000:])
        await learn(world)


async def learn(world):
    """The ids that a step before made."""
    async with transaction(read_only=True):
        world.token_id = await fetch_value("select id from api_token limit 1") or UUID(int=1)
        world.move_id = await fetch_value("select id from stage_move order by at desc limit 1")


class Snapshot:
    """What every table and sequence holds. Only what changed is put back: a copy of the database took longer, and then everyone came in anew."""

    def __init__(self, connection):
        self._connection = connection
        self._rows, self._numbers = {}, []
        self.state = {}

    async def keep(self):
        self.state = await state()
        for name in self.state:
            held = BytesIO()
            await self._connection.copy_from_table(name, output=held, format="binary")
            self._rows[name] = held.getvalue()
        self._numbers = await self._connection.fetch(NUMBERS)

    async def restore(self):
        found = await state()
        await self._connection.execute(LET_GO)
        async with self._connection.transaction():
            await self._connection.execute("set local session_replication_role = replica")  # triggers say what may not be undone
            for name in found:
                if found[name] != self.state[name]:
                    await self._connection.execute(f"delete from {name}")
                    await self._connection.copy_to_table(name, source=BytesIO(self._rows[name]), format="binary")
            await self._connection.executemany("select setval($1::text::regclass, coalesce($2, 1), $2 is not null)", self._numbers)
        again = await state()
        assert counts(again) == counts(self.state)
        self.state = again


@pytest.fixture
async def snapshot(database, template):
    """`keep()` what is there; `restore()` it."""
    servers, _source = template
    connection = await asyncpg.connect(servers.superuser_url(database.name))
    yield Snapshot(connection)
    await connection.close()


NUMBERS = "select format('%I.%I', schemaname, sequencename), last_value from pg_sequences"

# the server has noticed that whoever died is gone: what they held is free, as it is before the next worker looks
LET_GO = """do $$ begin loop
    perform pg_stat_clear_snapshot();
    exit when not exists (select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null);
    perform pg_sleep(0.005);
end loop; end $$"""


def chosen(points, name):
    """All points in a soak; else the last statement, the last commit, what follows it, and a few that the name picks."""
    note("points of actions at which they died", points if soaking() else FEW)
    if soaking():
        return range(1, points + 1)
    some = random.Random(name).sample(range(1, points + 1), min(FEW, points))
    return sorted({*some, *range(max(1, points - 3), points + 1)})


@pytest.mark.parametrize("route", TRIES)
async def test_wherever_it_dies_it_is_done_or_it_is_not(browse, people, program, world, snapshot, route):
    await prepare(browse, people, program, world, route)
    send = await attempt(browse, people, world, route)
    await snapshot.keep()
    with crash_at(0) as calm:
        answer = await send()
    assert answer.status_code < 400, answer.text[-3000:]
    done = counts(await state())
    await snapshot.restore()

    half = []
    for point in chosen(calm.passed, route):
        with crash_at(point) as crashing, suppress(Crash):  # or a fault is told: the connection is gone
            await send()
        assert crashing.where, "the same request passes the same points"
        after = await state()
        if after == snapshot.state:
            continue
        if counts(after) != done:
            half.append((point, crashing.where, changed(snapshot.state, counts(after))))
        await snapshot.restore()
    assert not half, (calm.passed, changed(snapshot.state, done), half)


@pytest.mark.parametrize("route", LEAVE_WORK)
async def test_work_that_dies_is_done_once_by_the_next_worker(browse, people, program, world, snapshot, superuser, route):
    await prepare(browse, people, program, world, route)
    answer = await (await attempt(browse, people, world, route))()
    assert answer.status_code < 400, answer.text[-3000:]
    await snapshot.keep()
    with crash_at(0) as calm:
        await program.worker().run_until_idle()
    done = counts(await state())
    await snapshot.restore()

    wrong = []
    for point in chosen(calm.passed, route):
        with crash_at(point) as crashing, suppress(Crash, asyncpg.InterfaceError):
            await program.worker().run_until_idle()
        await superuser(LET_GO)
        await superuser("update job set lease_until = now() - interval '1 second' where state = 'running'")
        await sweep()
        await superuser("update job set run_after = now() where state = 'queued'")
        await program.worker().run_until_idle()
        found = counts(await state())
        if found != done:
            wrong.append((point, crashing.where, {n: (done[n], c) for n, c in found.items() if c != done[n]}))
        await snapshot.restore()
    assert not wrong
