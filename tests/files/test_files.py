"""Stored files: in whole or not at all, under names of ours, and what they say they are."""

import hashlib
import os
import resource
import signal
import zipfile
from io import BytesIO

import pytest

from crm import files, sealing
from crm.errors import Invalid, NotFound, Unavailable
from crm.settings import settings_from

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"


@pytest.fixture
def store(tmp_path):
    sealing.use_keys("0" * 64)
    files.start(settings_from({"CRM_DATA": str(tmp_path), "CRM_UPLOAD_LIMIT_MB": "1"}))
    return tmp_path / "files"


def kept(store):
    return [path for path in store.rglob("*") if path.is_file()]


async def test_gives_back_what_was_stored(store):
    stored = await files.put(PDF, "pdf")

    assert await files.read(stored.key) == PDF
    assert (stored.size, stored.sha256, stored.media_type) == (len(PDF), hashlib.sha256(PDF).digest(), "application/pdf")


async def test_takes_a_path(store, tmp_path):
    (tmp_path / "list.csv").write_bytes(b"name\nPe\xf1a\n")

    stored = await files.put(tmp_path / "list.csv", "csv")

    assert await files.read(stored.key) == b"name\nPe\xf1a\n"


async def test_what_lies_on_the_disk_can_not_be_read_without_the_key(store):
    stored = await files.put(b"name,fein\nAcme,12-3456789\n", "csv")

    assert b"12-3456789" not in (store / stored.key).read_bytes()


async def test_a_file_put_in_the_place_of_another_does_not_open(store):
    one, other = await files.put(PDF, "pdf"), await files.put(PDF, "pdf")
    (store / one.key).write_bytes((store / other.key).read_bytes())

    with pytest.raises(sealing.SealBroken):
        await files.read(one.key)


async def test_only_the_owner_may_read_the_folder(store):
    stored = await files.put(PDF, "pdf")

    assert (store / stored.key).stat().st_mode & 0o077 == 0
    assert (store / stored.key).parent.stat().st_mode & 0o077 == 0


async def test_two_files_of_one_content_are_two_files(store):
    assert (await files.put(PDF, "pdf")).key != (await files.put(PDF, "pdf")).key


def zip_of(*names):
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return packed.getvalue()


@pytest.mark.parametrize(
    ("body", "kind"),
    [(PNG, "pdf"), (PDF, "png"), (b"<html>", "pdf"), (b"MZ\x90", "csv"), (PDF, "csv"), (zip_of("word/document.xml"), "xlsx"),
     (b"PK\x03\x04 cut off", "xlsx"), (b"", "csv")],
)  # fmt: skip
async def test_refuses_what_is_not_what_it_says(store, body, kind):
    with pytest.raises(Invalid):
        await files.put(body, kind)

    assert kept(store) == []


async def test_takes_a_workbook(store):
    assert (await files.put(zip_of("[Content_Types].xml", "xl/workbook.xml"), "xlsx")).key.endswith(".xlsx")


async def test_refuses_a_file_that_is_too_large(store):
    with pytest.raises(Invalid, match="This file has 2 MB, and 1 MB fit"):
        await files.put(b"a," * 600_000, "csv")


@pytest.fixture
def full_disk():
    """No file may grow beyond 4 kB, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, ignored)


async def test_a_full_disk_is_said_and_leaves_nothing(store, full_disk):
    with pytest.raises(Unavailable, match="disk is full"):
        await files.put(b"a," * 10_000, "csv")

    assert kept(store) == []


async def test_a_folder_that_is_gone_is_said(store):
    store.rmdir()
    store.write_text("a file in its place")

    with pytest.raises(Unavailable, match="does not answer"):
        await files.put(PDF, "pdf")


async def test_says_that_a_file_is_lost(store):
    stored = await files.put(PDF, "pdf")
    await files.delete(stored.key)
    await files.delete(stored.key)

    with pytest.raises(NotFound, match="no longer in the store"):
        await files.read(stored.key)


async def test_sweeps_what_a_power_cut_left_behind(store, tmp_path):
    (store / "pdf").mkdir()
    for name, age in (("old.part", 2e9), ("new.part", 0)):
        (store / "pdf" / name).write_bytes(b"half")
        if age:
            os.utime(store / "pdf" / name, (0, 0))

    files.start(settings_from({"CRM_DATA": str(tmp_path)}))

    assert [path.name for path in kept(store)] == ["new.part"]


def test_what_is_written_beside_never_takes_the_place_of_what_must_stay(tmp_path):
    target = tmp_path / "kept"
    files.write_whole(target, lambda out: out.write(b"first"), replace=False)

    with pytest.raises(FileExistsError):
        files.write_whole(target, lambda out: out.write(b"second"), replace=False)
    assert target.read_bytes() == b"first"
    files.write_whole(target, lambda out: out.write(b"third"))
    assert target.read_bytes() == b"third"
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert target.stat().st_mode & 0o077 == 0
