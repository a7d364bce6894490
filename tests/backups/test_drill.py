"""A backup is one only when it was put back: on a spare server, with everything there and working."""

import json
import os
import subprocess
import sys

import pytest

from crm import files
from crm.access import SYSTEM
from crm.actions import acting
from crm.backups import actions
from crm.backups.taking import backups_in, take
from crm.database import fetch_one, fetch_value, transaction

KEY = "0" * 64


def crm(*words, data, key=KEY):
    return subprocess.run(
        [sys.executable, "-m", "crm.cli", *map(str, words)], capture_output=True, text=True, check=False,
        env={**os.environ, "CRM_DATA": str(data), "CRM_SECRET_KEY": key},
    )  # fmt: skip


@pytest.fixture
async def backup(program, people, tmp_path):
    """A backup of a small installation with a stored file."""
    stored = await files.put(b"name\nAcme\n", "csv")
    async with acting(SYSTEM, "file.kept") as act:
        act.record("stored_file", await files.keep(stored, "list.csv", "import"))
    return (await take(program, tmp_path / "backups")).path


@pytest.fixture
def folder(walkable_folder, request):
    return walkable_folder / request.node.name[:20]


def test_what_was_saved_is_back_and_works(backup, folder):
    done = crm("restore", "--drill", "--json", backup, data=folder / "unused")

    proven = json.loads(done.stdout)
    assert (proven["problems"], done.returncode) == ([], 0)
    assert proven["checked"]["files"] == 1
    assert proven["checked"]["pages"] >= 8
    assert not (folder / "unused" / "servers").exists()


def test_a_restored_installation_holds_it_and_is_never_written_over(backup, folder):
    first, again = (crm("restore", "--json", backup, data=folder / "new") for _time in range(2))

    assert json.loads(first.stdout)["problems"] == []
    assert again.returncode == 2
    assert "not empty" in again.stderr


def test_a_backup_that_was_changed_proves_nothing_and_says_so(backup, folder):
    body = bytearray(backup.read_bytes())
    body[len(body) // 2] ^= 1
    backup.write_bytes(body)

    done = crm("restore", "--drill", "--json", backup, data=folder / "unused")

    assert done.returncode == 1
    assert "damaged" in json.loads(done.stdout)["problems"][0]


async def test_only_its_owner_can_read_it_and_nothing_half_made_stays(backup):
    assert backup.stat().st_mode & 0o077 == 0
    assert [path.name for path in backup.parent.iterdir()] == [backup.name]


async def test_each_is_on_record_and_the_old_ones_go(program, tmp_path):
    into = tmp_path / "kept"
    into.mkdir()
    for night in range(1, 29):
        (into / f"crm-2024-02-{night:02d}T030000Z.crmbackup").write_bytes(b"old")

    taken = await actions.take_and_drop(program, into)

    left = backups_in(into)
    async with transaction(read_only=True):
        row = await fetch_one("select file, size from backup")
        dropped = await fetch_value("select count(*) from audit_entry where verb = 'backup.dropped'")
    assert left[0] == taken.path
    assert len(left) < 15
    assert (row["file"], row["size"], dropped) == (str(taken.path), taken.size, 1)


async def test_a_full_disk_leaves_no_half_backup(program, tmp_path, monkeypatch):
    import resource
    import signal

    from crm.errors import UserError

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, before[1]))
    try:
        with pytest.raises(UserError):
            await take(program, tmp_path / "full")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert list((tmp_path / "full").iterdir()) == []
