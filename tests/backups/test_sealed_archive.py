"""A backup opens with the key of its installation, whole, or not at all."""

import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.backups.sealed_archive import PART, ArchiveBroken, SealedReader, SealedWriter

KEY = "k" * 64


def sealed(content):
    out = io.BytesIO()
    writer = SealedWriter(out, KEY)
    writer.write(content)
    writer.close()
    return out.getvalue()


def opened(tmp_path, body, key=KEY):
    file = tmp_path / "a.crmbackup"
    file.write_bytes(body)
    reader, parts = SealedReader(file, key), []
    while part := reader.read(64 * 1024):
        parts.append(part)
    return b"".join(parts)


@pytest.mark.parametrize("size", [0, 1, PART - 1, PART, PART + 1, 3 * PART])
def test_gives_back_what_was_written(tmp_path, size):
    content = os.urandom(size)

    assert opened(tmp_path, sealed(content)) == content


def test_holds_nothing_in_clear():
    assert b"learner" not in sealed(b"learner " * 1000)


@given(place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_one_bit_anywhere_is_found(tmp_path_factory, place, bit):
    body = bytearray(sealed(b"x" * 9_000))
    body[place % len(body)] ^= 1 << bit

    with pytest.raises(ArchiveBroken):
        opened(tmp_path_factory.mktemp("bit"), bytes(body))


@pytest.mark.parametrize("left", [0, 5, 30, PART // 2, PART + 16 + 28, 2 * (PART + 16) + 28])
def test_an_end_cut_off_is_found(tmp_path, left):
    with pytest.raises(ArchiveBroken):
        opened(tmp_path, sealed(os.urandom(3 * PART))[:left])


def test_parts_in_another_order_are_found(tmp_path):
    body = sealed(os.urandom(3 * PART))
    head, one, two, rest = body[:28], body[28 : 28 + PART + 16], body[28 + PART + 16 : 28 + 2 * (PART + 16)], body[28 + 2 * (PART + 16) :]

    with pytest.raises(ArchiveBroken):
        opened(tmp_path, head + two + one + rest)


def test_another_key_is_named(tmp_path):
    with pytest.raises(ArchiveBroken, match="made with another key.*CRM_SECRET_KEY"):
        opened(tmp_path, sealed(b"x"), "other" * 20)
