"""The embedded servers, as real processes on folders of their own."""

import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

from crm.embedded import running
from crm.settings import settings_from

CRM = Path(sys.executable).with_name("crm")
NOBODY = 65534
AS_NOBODY = f"setpriv --reuid {NOBODY} --regid {NOBODY} --clear-groups".split()
# Python may lie where only root may look: then nobody gets the right to look there, and none to write.
READING = ["--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"]


@pytest.fixture(scope="module")
def made():
    """A data folder after its first `crm migrate`, in a folder that the servers' own user may pass through."""
    with tempfile.TemporaryDirectory(prefix="crm-embedded-") as folder:
        Path(folder).chmod(0o711)
        done = crm("migrate", data=Path(folder) / "data")
        assert done.returncode == 0, done.stderr
        yield Path(folder) / "data"


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory(prefix="crm-embedded-") as made:
        Path(made).chmod(0o711)
        yield Path(made)


def environment(data, **more):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CRM_")}
    return {**kept, "CRM_DATA": str(data), **more}


def crm(*arguments, data, prefix=(), **more):
    return subprocess.run(
        [*prefix, CRM, *arguments], capture_output=True, text=True, timeout=60, check=False, cwd="/", env=environment(data, **more)
    )


@pytest.fixture(scope="module")
def ordinary():
    """What to put before a command so that an ordinary user runs it."""
    if os.geteuid() != 0:
        return []
    for prefix in ([*AS_NOBODY, *READING], AS_NOBODY):
        if subprocess.run([*prefix, CRM, "--version"], capture_output=True, check=False, cwd="/").returncode == 0:
            return prefix
    pytest.skip("the user nobody may not run this Python")


def refused(done, *said):
    """It ended in one message that says these things, without a traceback."""
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith("crm: ")
    assert "Traceback" not in done.stderr
    assert [each for each in said if str(each) not in done.stderr] == [], done.stderr


class Started:
    """`crm serve` or `crm work` in the background, once its servers are ready."""

    def __init__(self, *arguments, data):
        self.data = data
        self.process = subprocess.Popen([CRM, *arguments], cwd="/", env=environment(data), stdout=subprocess.DEVNULL)
        until(lambda: f'"ready", "pid": {self.process.pid}' in text_of(data / "state"))

    def end(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        return self.process.wait(60)


def until(condition):
    for _try in range(1200):
        if condition():
            return
        time.sleep(0.05)
    pytest.fail("It did not come to pass in a minute.")


def text_of(file):
    return file.read_text() if file.exists() else ""


def servers_of(data):
    """The processes that work in this data folder."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if Path(os.readlink(process / "cwd")).is_relative_to(data):
                found.add(int(process.name))
        except OSError:
            continue
    return found


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def settings(data):
    return settings_from({"CRM_DATA": str(data)})


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_the_first_start_makes_what_only_its_owner_may_read(made):
    secrets = [made / "secret_key", *(made / "passwords").iterdir()]
    assert {file.name for file in secrets} == {"secret_key", "owner", "postgres", "valkey"}
    assert {mode(file) for file in secrets} == {0o600}
    assert {mode(made / "servers" / name) for name in ("run", "postgres", "valkey")} == {0o700}
    assert mode(made / "passwords") == 0o700
    assert (made / "logs" / "postgres.log").exists()
    assert servers_of(made) == set()


async def test_pages_are_checksummed_and_passwords_are_asked(made):
    async with running(settings(made)) as addresses:
        connection = await asyncpg.connect(addresses.database["owner"])
        assert await connection.fetchval("show data_checksums") == "on"
        assert await connection.fetchval("show listen_addresses") == ""
        assert not await connection.fetchval("select rolsuper from pg_roles where rolname = current_user")
        await connection.close()
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(re.sub(r":[^:@]+@", ":guessed@", addresses.database["owner"]))


def test_a_second_serve_is_refused_while_other_commands_join(made):
    port = str(free_port())
    first = Started("serve", "--port", port, data=made)
    held = servers_of(made)

    second = crm("serve", "--port", port, data=made)
    refused(second, f"process {first.process.pid} (crm serve --port {port})", f"Open http://localhost:{port}", "kill", "CRM_DATA")

    joined = crm("migrate", "--check", data=made)
    assert joined.returncode == 0, joined.stderr
    assert held <= servers_of(made)

    assert first.end() == 0
    assert servers_of(made) == set()


async def test_serve_names_the_command_that_holds_the_folder(made):
    async with running(settings(made)):
        refused(crm("serve", "--port", str(free_port()), data=made), f"process {os.getpid()} (", "Wait until it ends", "CRM_DATA")


async def test_a_command_keeps_the_servers_for_those_that_joined(made):
    starter = subprocess.Popen(
        [sys.executable, "-c", LEAVE_WHEN_JOINED], cwd="/", env=environment(made), stderr=subprocess.PIPE, text=True
    )
    until(lambda: f'"ready", "pid": {starter.pid}' in text_of(made / "state"))
    async with running(settings(made)) as addresses:
        assert starter.stderr.readline().startswith("Done. The servers")
        connection = await asyncpg.connect(addresses.database["app"])
        assert await connection.fetchval("select 1") == 1
        await connection.close()
    assert starter.wait(30) == 0
    assert servers_of(made) == set()


LEAVE_WHEN_JOINED = """
import asyncio
from crm.embedded import Place, running
from crm.settings import load_settings

async def main():
    place = Place(load_settings().data)
    async with running(load_settings()):
        while not place.joined():
            await asyncio.sleep(0.02)

asyncio.run(main())
"""


def test_after_kill_9_the_next_start_recovers_and_stops_what_was_left(made):
    killed = Started("work", data=made)
    killed.end(signal.SIGKILL)
    assert servers_of(made)

    done = crm("migrate", "--check", data=made)
    assert done.returncode == 0, done.stderr
    assert "up to date" in done.stdout
    assert servers_of(made) == set()


def test_runs_as_an_ordinary_user(folder, ordinary):
    data = folder / "data"
    data.mkdir()
    if ordinary:
        os.chown(data, NOBODY, NOBODY)
    done = crm("migrate", "--check", data=data, prefix=ordinary)
    assert "pending: crm/" in done.stdout, done.stderr
    assert {path.stat().st_uid for path in data.rglob("*")} == {NOBODY if ordinary else os.geteuid()}
    assert servers_of(data) == set()


def test_says_which_folder_may_not_be_written(folder, ordinary):
    data = folder / "data"
    data.mkdir(mode=0o555)
    done = crm("migrate", data=data, prefix=ordinary)
    assert done.returncode == 2  # the secret key cannot be kept: the settings say so before any server starts
    assert done.stderr.startswith("crm: ")
    assert [each for each in (str(data), "Permission denied", "CRM_DATA") if each not in done.stderr] == []
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make another user's folder")
def test_refuses_a_folder_of_another_user(folder):
    theirs = folder / "data" / "servers" / "valkey"
    theirs.mkdir(parents=True)
    os.chown(theirs, 12345, 12345)
    refused(crm("migrate", data=folder / "data"), theirs, "user number 12345", "CRM_DATA")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the servers as another user")
def test_never_makes_a_new_database_where_a_closed_folder_hides_the_old(made):
    made.parent.chmod(0o700)
    try:
        refused(crm("migrate", data=made), f"may not pass {made.parent}", f"chmod o+x {made.parent}")
    finally:
        made.parent.chmod(0o711)
    assert "crm/0001_kernel" not in crm("migrate", "--check", data=made).stdout


def test_refuses_a_data_folder_of_another_version(folder):
    postgres = folder / "data" / "servers" / "postgres" / "data"
    postgres.mkdir(parents=True)
    (postgres / "PG_VERSION").write_text("15\n")
    refused(crm("migrate", data=folder / "data"), "written by PostgreSQL 15", "brings 18", "CRM_DATABASE_URL")
    assert servers_of(folder) == set()


async def test_a_path_longer_than_a_socket_allows_works(made, folder):
    data = folder / ("long" * 20) / ("longer" * 15)
    data.parent.mkdir(mode=0o711)
    subprocess.run(["cp", "-a", made, data], check=True)
    async with running(settings(data)) as addresses:
        connection = await asyncpg.connect(addresses.database["portal"])
        assert await connection.fetchval("select current_user") == "crm_portal"
        await connection.close()
        sockets = Path(parse_qs(urlsplit(addresses.database["portal"]).query)["host"][0])
        assert mode(sockets) == 0o700
    shutil.rmtree(sockets)


def test_says_that_a_port_is_taken_and_offers_another(folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused(crm("serve", "--port", str(port), data=folder), f"Port {port} on 127.0.0.1", f"crm serve --port {port + 1}")
    assert servers_of(folder) == set()


def test_says_which_database_does_not_answer_and_never_its_password(folder):
    port = free_port()
    done = crm("migrate", data=folder / "data", CRM_DATABASE_URL=f"postgresql://crm_owner:geheim@127.0.0.1:{port}/crm")
    refused(done, f"127.0.0.1:{port}/crm", "CRM_DATABASE_URL")
    assert "geheim" not in done.stderr + done.stdout


def test_says_that_the_database_refuses_the_password(folder, template):
    servers, name = template
    address = re.sub(r":[^:@/]+@", ":geheim@", servers.superuser_url(name))
    done = crm("migrate", data=folder / "data", CRM_DATABASE_URL=address, CRM_REDIS_URL="redis://127.0.0.1:1")
    refused(done, "password authentication failed", "CRM_DATABASE_URL")
    assert "geheim" not in done.stderr + done.stdout
