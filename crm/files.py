"""Stored files: sealed, under names of ours, in a folder by default or an object store by address.

A file is there in whole or not at all; the caller writes its row last, so a row never names a missing file.
"""

import asyncio
import hashlib
import os
import secrets
import time
import zipfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

import obstore
import puremagic
from msgspec import Struct
from obstore.exceptions import BaseError
from obstore.store import LocalStore, from_url

from crm import sealing
from crm.database import fetch_value
from crm.errors import Invalid, NotFound, Unavailable
from crm.settings import Settings
from crm.translation import _

# what we keep, and what each may be called
ALLOWED = {"pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg", "csv": "text/csv",
           "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "eml": "message/rfc822"}  # fmt: skip
_NOT_TEXT = (b"PK\x03\x04", b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"MZ", b"\x7fELF", b"\xd0\xcf\x11\xe0")
MEGABYTE = 1024 * 1024
PART = ".part"  # what is being written, beside the name that it will have
LEFT_BEHIND = 86400  # seconds after which a part is no longer being written


class StoredFile(Struct, frozen=True):
    key: str
    size: int
    sha256: bytes
    media_type: str


class _Open:
    """The store of the running program."""

    store: Any = None
    folder: Path | None = None
    limit: int = 0


def start(settings: Settings) -> None:
    """Open the store. Called at start."""
    parts = urlsplit(settings.files_url)
    _Open.limit = settings.upload_limit_mb * MEGABYTE
    if parts.scheme != "file":
        _Open.folder, _Open.store = None, from_url(settings.files_url)
        return
    folder = Path(unquote(parts.path))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _Open.folder, _Open.store = folder, LocalStore(folder)
    drop_parts(folder)


async def put(content: bytes | Path, kind: str) -> StoredFile:
    """Store the content under a new name of ours. Raises `Invalid` when it is not of the kind, or too large."""
    body = await asyncio.to_thread(_checked, content, kind)
    key = f"{kind}/{secrets.token_hex(16)}.{kind}"
    await put_sealed(key, await asyncio.to_thread(sealing.seal_bytes, body, key))
    return StoredFile(key, len(body), hashlib.sha256(body).digest(), ALLOWED[kind])


async def put_sealed(key: str, sealed: bytes, *, replace: bool = False) -> None:
    """Store what is sealed already, under its name, new or in the place of what is there. Raises `Unavailable`."""
    try:
        if _Open.folder is not None:
            await asyncio.to_thread(_keep_in_folder, _Open.folder / key, sealed, replace)
        else:
            await obstore.put_async(_Open.store, key, sealed)
    except (OSError, BaseError) as problem:
        raise Unavailable(
            _("The file could not be stored: the disk is full or does not answer. Nothing was kept; try again later.")
        ) from problem


def _checked(content: bytes | Path, kind: str) -> bytes:
    size = len(content) if isinstance(content, bytes) else content.stat().st_size
    if size > _Open.limit:
        raise Invalid(
            _("This file has %(size)s MB, and %(limit)s MB fit. Make it smaller, or split it.")
            % {"size": -(-size // MEGABYTE), "limit": _Open.limit // MEGABYTE}
        )
    body = content if isinstance(content, bytes) else content.read_bytes()
    if not body:
        raise Invalid(_("This file is empty (0 bytes). Was it saved or sent completely?"))
    if not _is(body, kind):
        raise Invalid(_("This file is not what its name says. Save it again and choose it once more."))
    return body


def _is(body: bytes, kind: str) -> bool:
    """What the content says, not the name."""
    if kind == "eml":
        return True  # a message is kept as it came, whatever is in it
    if kind == "csv":
        return not body.startswith(_NOT_TEXT)
    if kind == "xlsx":
        # any ZIP looks like one from outside
        try:
            return "xl/workbook.xml" in zipfile.ZipFile(BytesIO(body)).namelist()
        except zipfile.BadZipFile:
            return False
    try:
        found = {match.extension.lstrip(".") for match in puremagic.magic_string(body)}
    except puremagic.PureError:
        return False
    return kind in found or (kind == "jpg" and "jpeg" in found)


def _keep_in_folder(target: Path, sealed: bytes, replace: bool) -> None:
    target.parent.mkdir(exist_ok=True, mode=0o700)
    write_whole(target, lambda out: out.write(sealed), replace=replace)


def write_whole(target: Path, fill: Callable[[IO[bytes]], object], *, replace: bool = True) -> None:
    """Beside, to the disk, then under its name, for its owner alone; a power cut leaves the whole file or what was there.

    Where nothing may be replaced, a name that is taken is a `FileExistsError`, and what could not be made sure of is not kept.
    """
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}{PART}")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            fill(out)
            out.flush()
            os.fsync(out.fileno())
        if replace:
            part.rename(target)
            _sync_folder(target.parent)
            return
        os.link(part, target)
        try:
            _sync_folder(target.parent)
        except OSError:
            target.unlink()
            raise
    finally:
        part.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make sure of the names in it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def drop_parts(folder: Path) -> None:
    """What a power cut left half written, in the folder and in those right below it."""
    for part in (*folder.glob(f"*{PART}"), *folder.glob(f"*/*{PART}")):
        with suppress(FileNotFoundError):
            if part.stat().st_mtime < time.time() - LEFT_BEHIND:
                part.unlink()


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
    """The bytes of a stored file. Raises `NotFound` when the store lost it, `Unavailable`, and `SealBroken`."""
    return await asyncio.to_thread(sealing.open_bytes, await read_sealed(key), key)


async def read_sealed(key: str) -> bytes:
    """The bytes as they lie in the store. Raises `NotFound` and `Unavailable`."""
    found = await _asked(obstore.get_async(_Open.store, key))
    return bytes(await _asked(found.bytes_async()))


async def _asked(answer: Awaitable[Any]) -> Any:
    try:
        return await answer
    except FileNotFoundError as problem:
        raise NotFound(_("This file is no longer in the store. Ask your administrator to restore it.")) from problem
    except (OSError, BaseError) as problem:
        raise Unavailable(_("The file store does not answer. Try again in a moment.")) from problem


async def read_start(key: str, length: int) -> bytes:
    """The first bytes as they lie in the store, which name the key. Raises as `read_sealed` does."""
    return bytes(await _asked(obstore.get_range_async(_Open.store, key, start=0, length=length)))


async def seal_anew(key: str) -> None:
    """Seal a stored file with the key that seals now. Raises as `read` and `put_sealed` do; then it stays as it was."""
    content = await read(key)
    await put_sealed(key, await asyncio.to_thread(sealing.seal_bytes, content, key), replace=True)


async def delete(key: str) -> None:
    """Remove a stored file; one that is gone already is no problem."""
    with suppress(FileNotFoundError):
        await obstore.delete_async(_Open.store, key)
