"""The machine may burn: what was committed up to a moment comes back, elsewhere, from the journal that left it in time."""

import asyncio
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from crm import audit, files, migrations, sealing
from crm.access import SYSTEM
from crm.actions import acting
from crm.backups import journal
from crm.backups.journal import Shipper, bases_in, reached
from crm.backups.rewinding import rewind
from crm.backups.sealed_archive import SealedWriter
from crm.data_folder import Place
from crm.database import fetch, fetch_value, transaction
from crm.embedded import running
from crm.errors import UserError
from crm.key_rotation import rotate
from crm.program import database as opened
from crm.settings import settings_from
from tests import installed

KEY, NEW = installed.KEY, "n" * 64


@pytest.fixture
def machine(walkable_folder, request):
    """`machine(name)`: the settings of an installation in a folder of its own, which ships to one folder of all."""
    here = walkable_folder / str(abs(hash(request.node.name)))[:8]
    here.mkdir(mode=0o711)

    def settings(name, **more):
        return settings_from({"CRM_DATA": str(here / name), "CRM_SECRET_KEY": KEY, "CRM_LOG_LEVEL": "error",
                              "CRM_JOURNAL_FOLDER": str(here / "journal"), **more})  # fmt: skip

    return settings


@asynccontextmanager
async def installation(settings, *, own=False):
    """Its servers run, its database is up to date; yields what ships its journal. `own`: its cluster is no copy of another's."""
    if not own and not settings.data.exists():
        installed.copy_to(settings.data)
    async with running(settings) as addresses, opened(addresses, size=4):
        await migrations.migrate([migrations.CORE])
        sealing.use_keys(KEY)
        files.start(settings)
        shipper = Shipper(settings, Place(settings.data))
        try:
            yield shipper
        finally:
            await shipper.end()


async def write(name):
    """An employer and its entry in the record; the moment at which the write was acknowledged."""
    async with acting(SYSTEM, "employer.made") as act:
        key = await fetch_value("insert into employer (name, match_key) values ($1, $1) returning id", name)
        act.record("employer", key)
    return datetime.now(UTC)


async def keep_file():
    stored = await files.put(b"name\nAcme\n", "csv")
    async with acting(SYSTEM, "file.kept") as act:
        act.record("stored_file", await files.keep(stored, "list.csv", "import"))
    return stored


async def names():
    async with transaction(read_only=True):
        return {row["name"] for row in await fetch("select name from employer")}


async def came_back(settings, **options):
    done = await rewind(settings, settings.journal_folder, **options)
    async with installation(settings):
        while await audit.seal():
            pass
        return done, await names(), (await audit.verify()).problems


async def test_a_machine_that_is_lost_under_writers_comes_back_as_of_any_moment(machine):
    """Eight writers, the folder destroyed in mid-write: what was acknowledged before a shipment is back, and whole."""
    acknowledged = {}
    lost = machine("lost")
    async with installation(lost) as shipper:
        await shipper.turn()
        going = True

        async def writer(number):
            count = 0
            while going:
                name = f"{number}-{count}"
                acknowledged[name] = await write(name)
                count += 1

        async def shipped():
            for _time in range(3):
                await asyncio.sleep(0.3)
                before = dict(acknowledged)
                await shipper.turn()
            return before

        async with asyncio.TaskGroup() as group:
            for number in range(8):
                group.create_task(writer(number))
            before = await group.create_task(shipped())
            going = False
        attempted = set(acknowledged)
        postmaster = Place(lost.data).postgres / "data" / "postmaster.pid"
        os.kill(int(postmaster.read_text().splitlines()[0]), signal.SIGKILL)
    shutil.rmtree(lost.data)

    done, found, problems = await came_back(machine("back"))
    assert set(before) <= found <= attempted
    assert (done.problems, problems) == ([], [])

    moment = sorted(acknowledged.values())[len(acknowledged) // 3]
    done, found, problems = await came_back(machine("earlier"), until=moment)
    assert {name for name, at in acknowledged.items() if at < moment} <= found < set(acknowledged)
    assert (done.as_of, done.problems, problems) == (moment, [], [])


async def test_stored_files_come_back_with_it(machine):
    async with installation(machine("lost")) as shipper:
        stored = await keep_file()
        await shipper.turn()
        (shipper.folder / "files" / "csv" / f".half{files.PART}").write_bytes(b"of a machine that lost its power")

    sealing.use_keys(NEW)  # a command has none in use before it is told where
    done, _found, _problems = await came_back(machine("back"))
    assert (done.files, done.problems) == (1, [])
    assert await files.read(stored.key) == b"name\nAcme\n"


async def test_files_sealed_anew_are_shipped_again_and_open_without_the_old_key(machine):
    """While the same process ships: it looks again when the record tells of a rotation."""
    lost = machine("lost", CRM_SECRET_KEY=NEW, CRM_OLD_SECRET_KEYS=KEY)
    async with installation(lost) as shipper:
        stored = await keep_file()
        await shipper.turn()
        sealing.use_keys(NEW, KEY)
        assert (await rotate(lost)).sealed["files"] == 1
        await shipper.turn()
        shipped = (shipper.folder / "files" / stored.key).read_bytes()
        await write("after the rotation")
        await shipper.turn()

    assert shipped.startswith(sealing.head())
    back = machine("back", CRM_SECRET_KEY=NEW)
    done = await rewind(back, back.journal_folder)
    assert (done.files, done.problems) == (1, [])


async def test_a_file_that_the_store_lost_stays_in_the_journal(machine):
    async with installation(machine("lost")) as shipper:
        stored = await keep_file()
        await shipper.turn()
        await files.delete(stored.key)
        again = Shipper(shipper.settings, Place(shipper.settings.data))
        await again.turn()
        await again.end()

    done, _found, _problems = await came_back(machine("back"))
    assert (done.files, done.problems) == (1, [])


async def test_what_came_back_ships_on_and_can_be_lost_again(machine):
    """A second life of the same database begins with a copy of its own; the journal of both is one."""
    async with installation(machine("first")) as shipper:
        await write("in the first life")
        await shipper.turn()
    await rewind(machine("second"), machine("second").journal_folder)
    async with installation(machine("second")) as shipper:
        await write("in the second life")
        await shipper.turn()
        assert len(bases_in(shipper.folder)) == 2

    _done, found, problems = await came_back(machine("third"))
    assert found == {"in the first life", "in the second life"}
    assert problems == []


async def test_nothing_leaves_in_clear(machine):
    async with installation(machine("lost")) as shipper:
        await write("Honeysuckle Bakery")
        await shipper.turn()

    shipped = [path for path in shipper.folder.rglob("*") if path.is_file()]
    assert len(shipped) >= 4
    assert [path for path in shipped if b"Honeysuckle" in path.read_bytes()] == []
    assert [path for path in shipped if path.stat().st_mode & 0o077] == []


async def test_an_installation_at_rest_ships_nothing_new_and_says_that_all_is_there(machine):
    async with installation(machine("calm")) as shipper:
        await shipper.turn()
        await shipper.turn()
        before = {path: path.stat().st_mtime_ns for path in (shipper.folder / "segments").iterdir()}
        first = reached(shipper.folder)
        await shipper.turn()

    assert reached(shipper.folder) > first
    assert {path: path.stat().st_mtime_ns for path in before} == before


@pytest.mark.parametrize("named", ["by moment and start", "by moment, as earlier versions did"])
async def test_copies_and_segments_that_no_kept_moment_needs_go(machine, named):
    """A day is kept: of the copies from before it stays the one from which its first moment is reached."""
    async with installation(machine("kept", CRM_BACKUP_KEEP="1,0,0")) as shipper:
        made = []
        for days in (4, 3, 2, 0):
            await write(f"employer {days}")
            await shipper.turn()
            made.append(bases_in(shipper.folder)[0])
            if days:
                made.append(aged(made.pop(), days, start="earlier" not in named))

        assert bases_in(shipper.folder) == [made[3], made[2]]
        first = journal.read_base(made[2], shipper.settings).start
        assert first_segment(shipper) == first


@pytest.mark.parametrize("start", [True, False], ids=["a name that says its start", "a name of earlier versions"])
async def test_copies_of_a_key_that_was_dropped_go_in_their_time(machine, start):
    """It ships on meanwhile; where the name does not tell, the segments stay until the copy has gone."""
    async with installation(machine("first")) as shipper:
        await write("by the old key")
        await shipper.turn()
    old = aged(bases_in(shipper.folder)[0], 3, start=start)
    first = first_segment(shipper)

    async with installation(machine("first", CRM_SECRET_KEY=NEW, CRM_BACKUP_KEEP="1,0,0")) as shipper:
        for days in (2, 0):
            await write(f"by the new key {days}")
            await shipper.turn()
            assert (old in bases_in(shipper.folder), first_segment(shipper) == first) == (days == 2, days == 2)
            if days:
                aged(bases_in(shipper.folder)[0], days)


def aged(base, days, *, start=True):
    """As if it had been made so many days earlier."""
    name = (journal.moment_of(base) - timedelta(days=days)).strftime(journal.MOMENT)
    return base.rename(base.with_name(name + base.name.partition("Z")[2] * start))


def first_segment(shipper):
    return min(path.name for path in (shipper.folder / "segments").iterdir()).removesuffix(".partial")


async def test_a_receiver_that_dies_is_started_again(machine):
    async with installation(machine("lost")) as shipper:
        await shipper.turn()
        shipper._receiver.kill()
        await shipper._receiver.wait()
        await write("after it died")
        await shipper.turn()

    _done, found, _problems = await came_back(machine("back"))
    assert found == {"after it died"}


async def test_a_folder_of_another_installation_is_left_alone(machine):
    async with installation(machine("one")) as shipper:
        await shipper.turn()
    before = {path: path.read_bytes() for path in shipper.folder.rglob("*") if path.is_file()}
    async with installation(machine("two"), own=True) as other:
        with pytest.raises(UserError, match="another installation"):
            await other.turn()
    assert {path: path.read_bytes() for path in shipper.folder.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda folder: shutil.rmtree(folder / "bases"), "no whole copy"),
        (lambda folder: (folder / "reached").unlink(), "holds no journal"),
        (lambda folder: flip(bases_in(folder)[0]), "damaged"),
        (lambda folder: flip(max((folder / "segments").iterdir())), "damaged"),
    ],
    ids=["without a copy", "without its mark", "a changed copy", "a changed segment"],
)
async def test_a_journal_that_was_damaged_says_so_and_leaves_no_database(machine, damage, told):
    async with installation(machine("lost")) as shipper:
        await shipper.turn()
    damage(shipper.folder)

    with pytest.raises(UserError, match=told):
        await rewind(machine("back"), shipper.folder)
    assert not (Place(machine("back").data).postgres / "data").exists()


async def test_a_copy_whose_content_is_not_what_was_taken_never_becomes_the_database(machine):
    """Sealed by the right key, and yet a file in it is another: PostgreSQL's own list of the copy tells."""
    async with installation(machine("lost")) as shipper:
        await shipper.turn()
    [base] = bases_in(shipper.folder)
    with journal.open_base(base, shipper.settings) as archive, io.BytesIO() as taken:
        head = journal.read_head(archive)
        taken.write(archive.extractfile(archive.next()).read())
        copy = shipper.folder / "copy.tar.gz"
        copy.write_bytes(changed(taken.getvalue(), "global/pg_control"))
    with base.open("wb") as out:
        writer = SealedWriter(out, KEY)
        journal._add_base(writer, head, copy)
        writer.close()

    with pytest.raises(UserError, match="not whole.*pg_control"):
        await rewind(machine("back"), shipper.folder)
    assert not (Place(machine("back").data).postgres / "data").exists()


def changed(copy, name):
    """The same archive with one byte of one file flipped."""
    made = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(copy), mode="r:gz") as source, tarfile.open(fileobj=made, mode="w:gz") as target:
        for member in source:
            content = source.extractfile(member)
            body = bytearray(content.read()) if content else b""
            if member.name.removeprefix("./") == name:
                body[len(body) // 2] ^= 1
            target.addfile(member, io.BytesIO(body) if content else None)
    return made.getvalue()


def flip(file):
    body = bytearray(file.read_bytes())
    body[len(body) // 2] ^= 1
    file.write_bytes(body)


def test_as_whoever_runs_the_program_does_it(machine):
    """Served, shipped in the background and at the end, drilled, refused where something is, and back as of a moment."""
    lost, back = machine("lost"), machine("back")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CRM_")}

    def environ(settings):
        return {**kept, "CRM_DATA": str(settings.data), "CRM_SECRET_KEY": KEY, "CRM_PORT": str(port()),
                "CRM_JOURNAL_FOLDER": str(settings.journal_folder)}  # fmt: skip

    def crm(*words, settings):
        return subprocess.run([sys.executable, "-m", "crm.cli", *map(str, words)], capture_output=True, text=True,
                              check=False, timeout=120, env=environ(settings))  # fmt: skip

    with subprocess.Popen([sys.executable, "-m", "crm.cli", "serve"], env=environ(lost), stdout=subprocess.PIPE, text=True) as served:
        for line in served.stdout:
            if "Stop with Ctrl+C" in line:
                break
        served.send_signal(signal.SIGTERM)
        served.communicate()
    assert served.returncode == 0
    shutil.rmtree(lost.data)

    drilled = crm("restore", "--drill", "--json", lost.journal_folder, settings=back)
    assert drilled.returncode == 0, drilled.stderr
    assert json.loads(drilled.stdout)["problems"] == []
    early = crm("restore", lost.journal_folder, "--as-of", "2001-01-01 00:00", settings=back)
    assert (early.returncode, "does not reach that far back" in early.stderr) == (2, True)
    done = crm("restore", lost.journal_folder, settings=back)
    assert done.returncode == 0, done.stderr
    again = crm("restore", lost.journal_folder, settings=back)
    assert (again.returncode, "holds a database already" in again.stderr) == (2, True)
    assert crm("migrate", "--check", settings=back).returncode == 0
    assert "is no moment" in crm("restore", lost.journal_folder, "--as-of", "yesterday", settings=back).stderr


def port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
