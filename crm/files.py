"""Stored files: under names of ours, written beside and renamed, in a folder by default or an object store by address."""

import hashlib
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import obstore
import puremagic
from msgspec import Struct
from obstore.store import LocalStore, from_url

from crm.database import fetch_value
from crm.errors import Invalid, NotFound, Unavailable
from crm.settings import Settings
from crm.translation import _

# what we keep, and what each may be called
ALLOWED = {"pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg", "csv": "text/csv",
           "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}  # fmt: skip
_store: list[Any] = []


class StoredFile(Struct, frozen=True):
    key: str
    size: int
    sha256: bytes
    media_type: str


def start(settings: Settings) -> None:
    """Open the store. Called at start."""
    parts = urlsplit(settings.files_url)
    if parts.scheme == "file":
        folder = Path(parts.path)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _store[:] = [LocalStore(folder)]
    else:
        _store[:] = [from_url(settings.files_url)]


async def put(body: bytes, kind: str) -> StoredFile:
    """Store the bytes under a new name of ours. The caller writes the row last, with `keep`."""
    media_type = ALLOWED[kind]
    if kind in {"pdf", "png", "jpg"} and not _is(body, kind):
        raise Invalid(_("This file is not what its name says. Save it again and choose it once more."))
    key = f"{kind}/{secrets.token_hex(16)}.{kind}"
    try:
        # obstore writes beside and renames, so a file is there in whole or not at all
        await obstore.put_async(_store[0], key, body)
    except OSError as problem:
        raise Unavailable(_("The file could not be stored: the disk is full or does not answer.")) from problem
    return StoredFile(key, len(body), hashlib.sha256(body).digest(), media_type)


def _is(body: bytes, kind: str) -> bool:
    try:
        found = {match.extension.lstrip(".") for match in puremagic.magic_string(body)}
    except puremagic.PureError:
        return False
    return kind in found or (kind == "jpg" and "jpeg" in found)


async def keep(
    stored: StoredFile, name: str, kind: str, *, employer_id: UUID | None = None, board_id: UUID | None = None,
    account_id: UUID | None = None,
) -> UUID:  # fmt: skip
    """The row of a stored file inside the open action; its id."""
    file_id: UUID = await fetch_value(
        "insert into stored_file (storage_key, name, media_type, size, sha256, kind, employer_id, board_id, created_by) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id",
        stored.key, name, stored.media_type, stored.size, stored.sha256, kind, employer_id, board_id, account_id,
    )  # fmt: skip
    return file_id


async def read(key: str) -> bytes:
    """The bytes of a stored file. Raises `NotFound` when the store lost it."""
    try:
        found = await obstore.get_async(_store[0], key)
        return bytes(await found.bytes_async())
    except FileNotFoundError as problem:
        raise NotFound(_("This file is no longer in the store. Ask your administrator to restore it.")) from problem


async def stream(key: str) -> AsyncIterator[bytes]:
    found = await obstore.get_async(_store[0], key)
    async for part in found.stream():
        yield bytes(part)


async def delete(key: str) -> None:
    await obstore.delete_async(_store[0], key)
