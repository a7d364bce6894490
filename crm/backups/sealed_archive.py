"""A file that only the installation's key opens, written and read as a stream of any length.

Parts of 1 MB, each sealed with AES-256-GCM under its place in the file and whether it is the last: a byte changed,
a part moved, or an end cut off is found when it is read.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from crm.errors import UserError

MARK = b"CRM BACKUP 1\n"
PART = 1024 * 1024
_TAG = 16


class ArchiveBroken(UserError):
    status = 422
    code = "backup"


def key_of(secret_key: str) -> tuple[bytes, bytes]:
    """The key, and its fingerprint of 8 bytes, by which a wrong key is named before anything is opened."""
    made = HKDF(algorithm=hashes.SHA256(), length=40, salt=None, info=b"crm backup 1").derive(secret_key.encode())
    return made[:32], made[32:]


class SealedWriter:
    """`write` until `close`. Left without `close`, the file has no end and does not open."""

    def __init__(self, out: IO[bytes], secret_key: str) -> None:
        key, fingerprint = key_of(secret_key)
        self._out = out
        self._cipher = AESGCM(key)
        self._start = os.urandom(7)
        self._waiting = bytearray()
        self._count = 0
        out.write(MARK + fingerprint + self._start)

    def write(self, content: bytes) -> int:
        self._waiting += content
        while len(self._waiting) > PART:
            self._seal(bytes(self._waiting[:PART]), last=False)
            del self._waiting[:PART]
        return len(content)

    def close(self) -> None:
        self._seal(bytes(self._waiting), last=True)

    def _seal(self, content: bytes, *, last: bool) -> None:
        self._out.write(self._cipher.encrypt(_nonce(self._start, self._count, last), content, MARK))
        self._count += 1


class SealedReader:
    """`read` as from an open file, with whichever key made it. Raises `ArchiveBroken` for an unknown key, a changed byte, or a missing end."""

    def __init__(self, file: Path, *secret_keys: str) -> None:
        self.file = file
        self._keys = {fingerprint: key for key, fingerprint in map(key_of, secret_keys)}
        self._parts = self._opened()
        self._waiting = b""

    def read(self, size: int) -> bytes:
        while len(self._waiting) < size:
            part = next(self._parts, None)
            if part is None:
                break
            self._waiting += part
        taken, self._waiting = self._waiting[:size], self._waiting[size:]
        return taken

    def _opened(self) -> Iterator[bytes]:
        with self.file.open("rb") as source:
            head = source.read(len(MARK) + 15)
            start, cipher, count = head[-7:], AESGCM(self._key(head)), 0
            sealed = source.read(PART + _TAG)
            while True:
                following = source.read(PART + _TAG)
                try:
                    yield cipher.decrypt(_nonce(start, count, not following), sealed, MARK)
                except InvalidTag as problem:
                    raise ArchiveBroken(
                        f"{self.file}: the backup is damaged or cut off at megabyte {count}. Use another one."
                    ) from problem
                if not following:
                    return
                sealed, count = following, count + 1

    def _key(self, head: bytes) -> bytes:
        if not head.startswith(MARK) or len(head) < len(MARK) + 15:
            raise ArchiveBroken(f"{self.file} is no backup of this program, or only a part of one.")
        found = head[len(MARK) : len(MARK) + 8]
        if found not in self._keys:
            ours = " and ".join(known.hex() for known in self._keys)
            raise ArchiveBroken(
                f"{self.file} was made with another key (it has {found.hex()}, this installation {ours}). "
                "Set CRM_SECRET_KEY to the key of the installation that made it, or name that key in CRM_OLD_SECRET_KEYS."
            )
        return self._keys[found]


def fingerprint_of(file: Path) -> bytes:
    """By which key a backup was sealed; empty where it is none of ours."""
    with file.open("rb") as source:
        head = source.read(len(MARK) + 8)
    return head[len(MARK) :] if head.startswith(MARK) else b""


def _nonce(start: bytes, count: int, last: bool) -> bytes:
    return start + count.to_bytes(4, "big") + bytes([last])
