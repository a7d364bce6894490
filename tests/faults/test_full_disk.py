"""A full disk is a message, not a loss: nothing half is kept, no row names a file that is not there, and with room it works."""

import resource
import subprocess
import sys
from contextlib import contextmanager, suppress
from itertools import count

import httpx
import pytest

from crm import audit
from crm.access import SYSTEM
from crm.actions import acting
from crm.audit_heads import Keeper, read
from crm.backups.actions import take_and_drop
from crm.backups.database_tools import ToolFailed
from crm.backups.sealed_archive import SealedReader
from crm.backups.taking import backups_in, take
from crm.database import execute, fetch, fetch_value, transaction
from crm.errors import Unavailable
from tests.faults.filling import full_at
from tests.web.conftest import served  # noqa: F401 - a fixture

WORDS = "disk is full"
CSV = b"name,city,state\n" + b"".join(b"Company %d,Worcester,MA\n" % number for number in range(1000))
DISK_FULL = """
    create function full_disk() returns trigger language plpgsql as $$ begin
        raise exception 'could not extend file "base/1/2": No space left on device' using errcode = 'disk_full'; end $$;
    create trigger full_disk before insert on import_batch execute function full_disk()
"""


@contextmanager
def no_file_grows(pid=0, *, beyond=4096):
    """The kernel refuses to let any file of the process grow, as on a full disk."""
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (beyond, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


async def whole(folder):
    """Every file is whole and has its row, every row its file."""
    files = folder / "files"
    found = {str(path.relative_to(files)) for path in files.rglob("*") if path.is_file()}
    async with transaction(read_only=True):
        rows = {row["storage_key"] for row in await fetch("select storage_key from stored_file")}
    assert found == rows
    return len(rows)


async def upload(browser, content=CSV):
    return await browser.post("/imports", data={"_token": await browser.token("/imports")}, files={"file": ("list.csv", content, "text/csv")})


@pytest.fixture
def data(program):
    return program.settings.data


class Visitor(httpx.AsyncClient):
    async def token(self, page):
        return (await self.get(page)).text.partition('name="form-token" content="')[2].partition('"')[0]


async def test_a_real_server_says_so_and_goes_on(served, people, tmp_path):  # noqa: F811
    cookie = {"cookie": f"crm-session={people.alice.session_secret}", "host": "crm.test"}
    async with Visitor(base_url=f"http://127.0.0.1:{served.port}", headers=cookie, timeout=30) as alice:
        with no_file_grows(served.pid):
            for _time in range(30):  # its log cannot grow either
                assert (await alice.get("/employers")).status_code == 200
            for size in (1, 60):  # in memory, and on the disk while it comes in
                refused = await upload(alice, CSV * size)
                assert refused.status_code == 503 and WORDS in refused.text and "Traceback" not in refused.text
            assert (await alice.get("/employers")).status_code == 200
        assert await whole(tmp_path / "served") == 0
        for size in (1, 60):
            assert (await upload(alice, CSV * size)).status_code == 303
        assert await whole(tmp_path / "served") == 2


async def test_an_upload_is_kept_whole_or_refused_wherever_the_disk_fills(browse, people, data):
    alice = browse(people.alice)
    for at in count(1):
        with full_at(data, at) as filling:
            answer = await upload(alice)
        if not filling.where:
            break
        assert answer.status_code == 503 and WORDS in answer.text, filling.where
        assert await whole(data) == 0, filling.where
    assert answer.status_code == 303 and await whole(data) == 1
    assert at > 4


async def test_a_document_waits_for_room_wherever_the_disk_fills(browse, people, employers, program):
    alice, worker, data = browse(people.alice), program.worker(), program.settings.data
    hire = (await alice.submit(f"/employers/{employers.erins}/hires/new", label="R.L.", starts_on="2025-10-01")).headers["location"]
    assert (await alice.submit(f"{hire}/paper", page=hire)).status_code == 303
    for at in count(1):
        with full_at(data, at) as filling:
            await worker.run_until_idle()
        if not filling.where:
            break
        async with transaction():
            [job] = await fetch("select state, reason from job")
            assert job["state"] == "queued" and WORDS in job["reason"], filling.where
            await execute("update job set run_after = now(), attempt = 0")
        assert await whole(data) == 0, filling.where
    assert await whole(data) == 1
    assert at > 4


async def test_a_backup_is_there_whole_or_not_wherever_the_disk_fills(program, people):
    folder = program.settings.backup_folder
    for at in count(1):
        with full_at(folder, at) as filling, suppress(Unavailable):
            await take_and_drop(program)
        assert filling.where == "" or not folder.exists() or list(folder.iterdir()) == [], filling.where
        if not filling.where:
            break
    [backup] = backups_in(folder)
    with full_at(folder, 2), pytest.raises(Unavailable, match="could not be written to .*: No space left on device. Nothing was kept"):
        await take(program, folder)
    while_reading = SealedReader(backup, program.settings.secret_key)
    while while_reading.read(1 << 20):
        pass
    async with transaction(read_only=True):
        assert [row["file"] for row in await fetch("select file from backup")] == [str(backup)]
    assert at > 6


async def test_a_dump_that_does_not_fit_says_so(program, people, tmp_path):
    with no_file_grows(), pytest.raises(ToolFailed, match="pg_dump did not succeed: .*(too large|No space)"):
        await take(program, tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []
    assert (await take(program, tmp_path / "backups")).size > 4096


async def test_heads_of_the_record_are_kept_when_there_is_room_again(database, tmp_path):
    keeper = Keeper(tmp_path / "heads" / "record-heads")
    for at in count(1):
        async with acting(SYSTEM, "test.done") as act:
            act.record("test", None)
        assert await audit.seal()
        with full_at(keeper.file.parent, at) as filling, suppress(OSError):  # the worker tells the log, and tries again
            await keeper.keep()
        if not filling.where:
            break
        await keeper.keep()
        verdict = await audit.verify(read(keeper.file))
        assert verdict.problems == [] and verdict.heads == verdict.blocks, filling.where
    assert at > 3


async def test_a_full_disk_of_the_database_is_said_and_changes_nothing(browse, people, superuser, data):
    alice = browse(people.alice)
    await superuser(DISK_FULL)
    answer = await upload(alice)
    assert answer.status_code == 503 and WORDS in answer.text
    async with transaction(read_only=True):
        assert await fetch_value("select count(*) from stored_file") == 0
    await superuser("drop trigger full_disk on import_batch")
    assert (await upload(alice)).status_code == 303


def test_a_command_says_so_without_a_traceback():
    with open("/dev/full", "w", encoding="ascii") as full:
        ended = subprocess.run([sys.executable, "-m", "crm.cli", "settings"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == 1 and "The disk is full" in ended.stderr and "Traceback" not in ended.stderr
