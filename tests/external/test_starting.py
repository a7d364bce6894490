"""The program on servers of yours: the owner may make logins and is no superuser; pages and jobs are processes apart."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from functools import partial
from pathlib import Path

import asyncpg
import httpx
import pytest
import servers
from arq.connections import ArqRedis

from crm import work
from crm.access import SYSTEM
from crm.actions import acting
from crm.database import DB, fetch_value, transaction
from crm.roles import addresses
from crm.settings import settings_from

CRM = Path(sys.executable).with_name("crm")


@pytest.fixture(scope="module")
def superuser():
    with servers.postgres() as address:
        asyncio.run(prepare(address))
        yield address


async def prepare(address):
    """What an administrator does once: see compose.yaml."""
    connection = await asyncpg.connect(address)
    await connection.execute("create role crm_owner login createrole password 'ours'")
    await connection.execute("create database crm owner crm_owner")
    await connection.close()


@pytest.fixture(scope="module")
def environ(superuser):
    """The settings of an installation on these servers, its database up to date."""
    with servers.redis() as redis, servers.folder() as data:
        owner = superuser.replace("postgres:throwaway@/postgres", "crm_owner:ours@/crm")
        made = {"CRM_DATA": str(data), "CRM_DATABASE_URL": owner, "CRM_REDIS_URL": redis, "CRM_PORT": str(free_port())}
        done = crm("migrate", environ=made)
        assert done.returncode == 0, done.stderr
        assert "done: crm/" in done.stdout
        yield made


def environment(environ):
    return {**{name: value for name, value in os.environ.items() if not name.startswith("CRM_")}, **environ}


def crm(*arguments, environ):
    return subprocess.run([CRM, *arguments], capture_output=True, text=True, timeout=90, check=False, env=environment(environ))


class Started:
    def __init__(self, *arguments, environ):
        self.process = subprocess.Popen([CRM, *arguments], env=environment(environ))

    def __enter__(self):
        return self.process

    def __exit__(self, *problem):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(60) == 0


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def until(condition):
    deadline = time.monotonic() + 60
    while not await condition():
        assert time.monotonic() < deadline, "It did not come to pass in a minute."
        await asyncio.sleep(0.05)


def test_the_database_is_up_to_date_after_migrate(environ):
    done = crm("migrate", "--check", environ=environ)
    assert done.returncode == 0, done.stdout + done.stderr


async def test_no_login_of_ours_is_a_superuser(environ, superuser):
    connection = await asyncpg.connect(superuser)
    found = await connection.fetch("select rolname, rolsuper, rolbypassrls from pg_roles where rolname like 'crm%'")
    await connection.close()
    assert {row["rolname"] for row in found} == {"crm_owner", "crm_app", "crm_portal", "crm_record"}
    assert [row["rolname"] for row in found if row["rolsuper"] or row["rolbypassrls"]] == []


async def test_pages_are_served(environ):
    address = f"http://127.0.0.1:{environ['CRM_PORT']}"

    def answers(path):
        try:
            with urllib.request.urlopen(address + path, timeout=10) as answer:
                return answer.read().decode()
        except urllib.error.URLError:
            return ""

    async def up():
        return await asyncio.to_thread(answers, "/health/ready")

    with Started("web", environ=environ):
        await until(up)
        assert "form-token" in await asyncio.to_thread(answers, "/sign-in")


async def test_a_rolling_restart_fails_no_one(environ):
    """Two processes serve the pages and are replaced one after the other, under load: who is refused is taken by the other."""
    ports = [free_port(), free_port()]
    addresses = [f"http://127.0.0.1:{port}" for port in ports]
    started = [Started("web", environ={**environ, "CRM_PORT": str(port)}) for port in ports]
    answers, failed, going = Counter(), [], True

    async with httpx.AsyncClient(timeout=20) as client:

        async def ready(address):
            with contextlib.suppress(httpx.ConnectError):
                return (await client.get(f"{address}/health/ready")).status_code == 200

        async def asked(address):
            """The status; 0 where no one listens, which is known before anything was sent."""
            try:
                return (await client.get(f"{address}/sign-in", headers={"connection": "close"})).status_code
            except httpx.ConnectError:
                return 0

        async def visitor(number):
            while going:
                first, second = (addresses[(number + turn) % 2] for turn in (0, 1))
                try:
                    status = await asked(first)
                    status = await asked(second) if status in (0, 503) else status
                    answers[status] += 1
                except httpx.HTTPError as problem:
                    failed.append(repr(problem))
                number += 1

        with contextlib.ExitStack() as stack:
            stack.callback(lambda: [each.process.kill() for each in started if each.process.poll() is None])
            for address in addresses:
                await until(partial(ready, address))
            async with asyncio.TaskGroup() as group:
                for number in range(6):
                    group.create_task(visitor(number))
                for place, port in enumerate(ports):
                    before = answers.total()
                    await asyncio.to_thread(started[place].__exit__)
                    started[place] = Started("web", environ={**environ, "CRM_PORT": str(port)})
                    await until(partial(ready, addresses[place]))
                    assert answers.total() > before
                going = False
            for each in started:
                await asyncio.to_thread(each.__exit__)
    assert (failed, set(answers)) == ([], {200})


async def test_a_job_is_heard_and_done(environ):
    settings = settings_from(environ)
    pool = ArqRedis.from_url(settings.redis_url)
    pool.job_serializer, pool.job_deserializer = work.serialize, work.deserialize
    await DB.start(addresses(settings, settings.database_url), size=2)
    try:
        with Started("work", environ=environ):
            await until(lambda: pool.exists("arq:queue:health-check"))  # the worker listens
            work.bell.pool = pool
            async with acting(SYSTEM, "board.changed") as act:
                job = await work.add(act.actor, "boards.assign", {"on": "2026-07-01"}, title="Places")
                act.record("boards", None)

            async def state():
                async with transaction(read_only=True):
                    return await fetch_value("select state from job where id = $1", job)

            async def ended():
                return await state() not in {"queued", "running"}

            await until(ended)
            assert await state() == "done"
    finally:
        await work.bell.quiet()
        await pool.aclose()
        await DB.stop()


def test_says_that_the_key_is_not_that_of_the_logins(environ):
    done = crm("migrate", environ={**environ, "CRM_SECRET_KEY": "k" * 32})
    assert done.returncode == 1
    assert "crm_app" in done.stderr
    assert "CRM_SECRET_KEY" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_key_is_changed_while_processes_with_either_setting_go_on(environ, tmp_path):
    """First the new key is told to each process, then it seals, then the logins' passwords are made from it."""
    old, new = (Path(environ["CRM_DATA"]) / "secret_key").read_text().strip(), "n" * 64
    first, then = ({**environ, "CRM_SECRET_KEY": now, "CRM_OLD_SECRET_KEYS": other} for now, other in ((old, new), (new, old)))
    (tmp_path / "list.csv").write_text("Company,City,State,ZIP,FEIN\nSalz Werke,Worcester,MA,01608,12-3456789\n")
    assert crm("import", "employers", str(tmp_path / "list.csv"), environ=environ).returncode == 0

    assert crm("keys", "list", environ=then).returncode == 0
    done = crm("keys", "rotate", environ=then)
    assert done.returncode == 0, done.stderr
    for setting in (first, then, {**environ, "CRM_SECRET_KEY": new}):
        listed = crm("keys", "list", environ=setting)
        assert listed.returncode == 0, listed.stderr
    assert crm("keys", "list", environ=environ).returncode == 1

    # and back, so that what follows finds the installation as it was
    assert crm("keys", "rotate", environ=first).returncode == 0
    assert crm("keys", "list", environ=environ).returncode == 0


def test_refuses_to_run_as_the_superuser(environ, superuser):
    done = crm("migrate", environ={**environ, "CRM_DATABASE_URL": superuser})
    assert done.returncode == 1
    assert "signs in as postgres, a superuser" in done.stderr
    assert "create role crm_owner" in done.stderr


def test_a_worker_that_valkey_cannot_wake_says_so_and_goes_on(environ):
    asleep = {**environ, "CRM_REDIS_URL": f"redis://:geheim@127.0.0.1:{free_port()}"}
    worker = subprocess.Popen([CRM, "work"], env=environment(asleep), stderr=subprocess.PIPE, text=True)
    said = worker.stderr.readline()
    worker.send_signal(signal.SIGTERM)
    rest = worker.communicate(timeout=60)[1]
    assert "Valkey does not answer" in said
    assert "CRM_REDIS_URL" in said
    assert "geheim" not in said + rest
    assert worker.returncode == 0


def test_employers_are_imported_and_the_record_holds(environ, tmp_path):
    (tmp_path / "list.csv").write_text("Company,City,State,ZIP\nBrot & Salz,Worcester,MA,01608\nŁódź Works,Lowell,MA,01852\n")
    done = crm("import", "employers", str(tmp_path / "list.csv"), "--json", environ=environ)
    assert done.returncode == 0, done.stderr
    assert '"created": 2' in done.stdout
    assert crm("audit", "verify", environ=environ).returncode == 0


def test_no_server_of_our_own_is_made(environ):
    assert not (Path(environ["CRM_DATA"]) / "servers").exists()
