"""Have a message read by a process of its own, which has an end whatever the bytes are."""

import asyncio
import os
import sys
from contextlib import suppress

import msgspec

from crm.correspondence.messages import Content

SECONDS = 60


async def read(body: bytes, *, seconds: float = SECONDS) -> Content:
    """What it says. A reader that falls over or takes too long leaves a `Content` with its problem, never an exception."""
    reader = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "crm.correspondence.messages", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL, env={name: value for name, value in os.environ.items() if not name.startswith("CRM_")},
    )  # fmt: skip
    try:
        async with asyncio.timeout(seconds):
            answer, _nothing = await reader.communicate(body)
    except TimeoutError:
        return Content(problem="slow")
    finally:
        if reader.returncode is None:
            with suppress(ProcessLookupError):
                reader.kill()
            await reader.wait()
    if reader.returncode != 0:
        return Content(problem="fell")
    try:
        return msgspec.msgpack.decode(answer, type=Content)
    except msgspec.MsgspecError:
        return Content(problem="fell")
