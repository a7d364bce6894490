"""Put a backup back into an empty installation: all of it, or nothing."""

import re
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from crm import files, sealing
from crm.backups.database_tools import run
from crm.backups.sealed_archive import ArchiveBroken, SealedReader
from crm.backups.taking import Manifest, describe
from crm.database import Login, fetch_value, transaction
from crm.embedded import Addresses
from crm.errors import Conflict
from crm.settings import Settings

_STORED = re.compile(r"files/([a-z]{1,8}/[0-9a-f]{32}\.[a-z]{1,8})")


async def restore(settings: Settings, addresses: Addresses, backup: Path) -> Manifest:
    """Into the open database and store; what the backup holds. Raises `ArchiveBroken`, `ToolFailed`, `Conflict`."""
    await _refuse_unless_empty()
    sealing.use_keys(*settings.secret_keys)
    files.start(settings)
    with tempfile.TemporaryDirectory(prefix="crm-restore-") as folder:
        dump = Path(folder) / "database.dump"
        manifest = await _unpack(backup, settings.secret_keys, dump)
        # the database last, in one transaction: what dies before leaves it empty
        await run("pg_restore", addresses.database[Login.OWNER], "--no-owner", "--single-transaction", "--exit-on-error",
                  f"--dbname={_name(addresses)}", str(dump))  # fmt: skip
    return manifest


async def differences(manifest: Manifest) -> list[str]:
    """What the database holds otherwise than the backup says, in words."""
    async with transaction(Login.OWNER):
        found = await describe(manifest.taken_at)
    problems = [
        f"{table} has {found.rows.get(table, 0)} rows; {count} were saved."
        for table, count in manifest.rows.items()
        if found.rows.get(table, 0) != count
    ]
    for what in ("record_head", "migrations", "files"):
        if getattr(found, what) != getattr(manifest, what):
            problems.append(f"The {what.replace('_', ' ')} differ from what was saved.")
    return problems


async def _refuse_unless_empty() -> None:
    async with transaction(Login.OWNER, read_only=True):
        tables = await fetch_value(
            "select count(*) from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
        )
    if tables:
        raise Conflict(
            "This database is not empty, and a restore never writes over anything. "
            "Set CRM_DATA to a new folder, or CRM_DATABASE_URL to an empty database."
        )


async def _unpack(backup: Path, secret_keys: Sequence[str], dump: Path) -> Manifest:
    manifest = None
    seen = set()
    with _opened(backup, secret_keys) as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content is None:
                raise ArchiveBroken(f"{backup}: '{member.name}' is no file.")
            if member.name == "manifest.json":
                manifest = msgspec.json.decode(content.read(), type=Manifest)
            elif member.name == "database.dump":
                with dump.open("wb") as out:
                    while part := content.read(1024 * 1024):
                        out.write(part)
            elif stored := _STORED.fullmatch(member.name):
                await files.put_sealed(stored[1], content.read(), replace=True)
                seen.add(stored[1])
            else:
                raise ArchiveBroken(f"{backup} holds '{member.name}', which no backup of ours does.")
    if manifest is None or not dump.exists() or seen != set(manifest.files):
        raise ArchiveBroken(f"{backup} does not hold all that its list says. Use another one.")
    return manifest


def _opened(backup: Path, secret_keys: Sequence[str]) -> tarfile.TarFile:
    if not backup.is_file():
        raise ArchiveBroken(f"{backup}: there is no such file.")
    return tarfile.open(fileobj=SealedReader(backup, *secret_keys), mode="r|")  # type: ignore[call-overload, no-any-return]


def _name(addresses: Addresses) -> str:
    from urllib.parse import urlsplit

    return urlsplit(addresses.database[Login.OWNER]).path.lstrip("/")
