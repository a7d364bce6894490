"""A drill: put the backup back on a spare server and look whether everything is there and works."""

import hashlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from crm import audit, files, migrations
from crm.backups.database_tools import ToolFailed, run
from crm.backups.restoring import differences, restore
from crm.backups.rewinding import Rewound, rewind
from crm.backups.taking import Manifest
from crm.database import fetch, fetch_value, transaction
from crm.embedded import Addresses, Place, running
from crm.errors import UserError
from crm.key_rotation import unopened
from crm.program import Program, apps, assembled, database
from crm.settings import Settings

PAGES = 20


class Drill(msgspec.Struct, frozen=True):
    """The outcome. A backup counts when there are no problems."""

    backup: str
    seconds: float
    checked: dict[str, int]
    problems: list[str]


async def drill(settings: Settings, backup: Path) -> Drill:
    """On embedded servers of its own, in a folder that goes afterwards. Never touches the installation."""
    started = time.monotonic()
    checked: dict[str, int] = {}
    with _spare(settings) as spare:
        try:
            async with running(spare) as addresses, database(addresses, size=3):
                manifest = await restore(spare, addresses, backup)
                checked["rows"] = sum(manifest.rows.values())
                problems = [*await differences(manifest), *await _broken_files(manifest, checked)]
                problems += await _broken(spare, addresses, checked)
        except UserError as problem:
            problems = [str(problem)]
    return Drill(backup.name, round(time.monotonic() - started, 1), checked, problems)


async def drill_journal(settings: Settings, journal: Path, until: datetime | None = None) -> Rewound:
    """The same for a journal's folder, as of a moment or as of its end. Raises as `rewind` does."""
    with _spare(settings) as spare:
        rewound = await rewind(spare, journal, until)
        async with running(spare) as addresses, database(addresses, size=3):
            found = await _broken(spare, addresses, {})
    return msgspec.structs.replace(rewound, problems=[*rewound.problems, *found])


@contextmanager
def _spare(settings: Settings) -> Iterator[Settings]:
    """The settings of an installation in a folder of its own, with the same keys."""
    folder = Path(tempfile.mkdtemp(prefix="crm-drill-"))
    folder.chmod(0o711)
    try:
        yield msgspec.structs.replace(
            settings, data=folder, database_url="", database_app_url="", database_portal_url="", database_record_url="",
            redis_url="", smtp_url="", files_url=f"file://{folder}/files", journal_folder=Path(),
        )  # fmt: skip
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _broken(spare: Settings, addresses: Addresses, checked: dict[str, int]) -> list[str]:
    """What does not hold of a database that was put back: its tables, its record, what is sealed in it, and the pages on it."""
    problems = await _broken_tables(spare)
    await migrations.migrate([migrations.CORE])
    async with assembled(spare, addresses, valkey=False) as program:
        await migrations.migrate(apps(program.plugins))
        problems += [*await _broken_record(checked), *await unopened(), *await _broken_pages(program, checked)]
    return problems


async def _broken_tables(spare: Settings) -> list[str]:
    place = Place(spare.data)
    try:
        await run("pg_amcheck", place.database_url("postgres", place.password("postgres")), "--install-missing", "crm")
    except ToolFailed as problem:
        return [str(problem)]
    return []


async def _broken_record(checked: dict[str, int]) -> list[str]:
    verdict = await audit.verify()
    checked["entries of the record"] = verdict.entries
    return verdict.problems


async def _broken_files(manifest: Manifest, checked: dict[str, int]) -> list[str]:
    problems = []
    for key, digest in manifest.files.items():
        try:
            content = await files.read(key)
        except UserError as problem:
            problems.append(f"The file {key} does not open: {problem}")
            continue
        if hashlib.sha256(content).hexdigest() != digest:
            problems.append(f"The file {key} is not what was saved.")
    checked["files"] = len(manifest.files)
    return problems


async def _broken_pages(program: Program, checked: dict[str, int]) -> list[str]:
    """Open pages as a state administrator would."""
    from crm.app import create_app
    from crm.sessions import open_session

    async with transaction():
        account = await fetch_value(
            "select a.id from account a join role_grant g on g.account_id = a.id and g.revoked_at is null "
            "where g.role = 'state_admin' and a.disabled_at is null limit 1"
        )
        secret = await open_session(UUID(str(account)), "password", complete=True) if account else ""
        employers = await fetch("select id from employer where archived_at is null order by name limit $1", PAGES)
    paths = ["/employers", "/pipeline", "/boards", "/settings", "/jobs", "/people"] if account else ["/sign-in"]
    paths += [f"/employers/{row['id']}" for row in employers] if account else []
    app = create_app(program)
    answers = {path: await _status(app, path, secret, program.settings) for path in paths[:PAGES]}
    checked["pages"] = len(answers)
    return [f"The page {path} answers {status}." for path, status in answers.items() if status != 200]


async def _status(app: Callable[..., Any], path: str, secret: str, settings: Settings) -> int:
    """The status of a GET, without a server."""
    from urllib.parse import urlsplit

    from crm.web import session_cookie

    sent: list[dict[str, Any]] = []
    parts = urlsplit(settings.url)
    cookie = f"{session_cookie(parts.scheme == 'https')}={secret}".encode()
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": parts.scheme,
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "client": ("127.0.0.1", 1),
        "server": (parts.hostname, parts.port or 80), "headers": [(b"host", parts.netloc.encode()), (b"cookie", cookie)],
        "state": {}, "extensions": {},
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return int(next(message["status"] for message in sent if message["type"] == "http.response.start"))
