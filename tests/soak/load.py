"""Signed-in people who open one page after the other, as fast as the answers come."""

import asyncio
import os
import statistics
import sys
import time
from pathlib import Path

import httpx

from crm.testing import figures

sys.path.insert(0, str(Path(__file__).parents[1]))  # another package is called `tests` too

from faults.serving import Served  # noqa: E402

PEOPLE = 8
PAGES = ("/employers", "/employers?q=bakery", "/employers?sort=recent", "/pipeline", "/today", "/boards", "/imports", "/jobs")


async def run(folder: Path, minutes: float, file: Path) -> None:
    """Serve the demonstration for so many minutes; the pages a second, the slow ones and the faults go into the file."""
    served = Served(folder)
    served.start()
    times: list[float] = []
    faults = 0
    try:
        cookies = served.browser("alice@example.org").cookies
        started = time.monotonic()

        async def person() -> None:
            nonlocal faults
            async with httpx.AsyncClient(base_url=served.address, cookies=cookies, timeout=30) as browser:
                while time.monotonic() - started < minutes * 60:
                    for page in PAGES:
                        at = time.perf_counter()
                        answer = await browser.get(page)
                        times.append(time.perf_counter() - at)
                        faults += answer.status_code != 200

        await asyncio.gather(*(person() for _person in range(PEOPLE)))
        seconds = time.monotonic() - started
    finally:
        served.stop()
    os.environ[figures.FIGURES] = str(file)
    figures.note("pages opened by eight people", len(times))
    figures.note("pages a second", len(times) / seconds, "/s")
    figures.note("pages: p95", statistics.quantiles(times, n=20)[18] * 1000, "ms")
    figures.note("pages that were not answered with 200", faults)
