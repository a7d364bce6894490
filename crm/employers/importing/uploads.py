"""The file of an import, and a copy of it on this machine for as long as it is read."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from crm import files
from crm.access import Actor, load
from crm.errors import Invalid
from crm.translation import _


async def upload_of(actor: Actor, batch: Mapping[str, Any]) -> Mapping[str, Any]:
    """The stored file. Raises `Invalid` for an import from the command line, whose file is not stored."""
    if batch["file_id"] is None:
        raise Invalid(_("The file of this import is not stored. Choose it again."))
    return await load(actor, "stored_file", batch["file_id"])


@asynccontextmanager
async def on_disk(stored: Mapping[str, Any]) -> AsyncIterator[Path]:
    content = await files.read(stored["storage_key"])
    with tempfile.NamedTemporaryFile(suffix=Path(stored["name"]).suffix) as copy:
        await asyncio.to_thread(copy.write, content)
        copy.flush()
        yield Path(copy.name)
