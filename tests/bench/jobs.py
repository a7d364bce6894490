"""No-op jobs: our rows with lease, attempt and outcome against arq alone, well tuned; and how soon an idle worker starts."""

import asyncio
import statistics
import time
from typing import Any
from uuid import uuid4

from arq.connections import ArqRedis
from arq.worker import Worker as ArqWorker
from arq.worker import func
from timing import percentile

from crm import work
from crm.access import SYSTEM
from crm.actions import acting
from crm.database import execute, fetch_value, transaction
from crm.program import Program
from crm.work import Job, RunningJob
from crm.worker import Worker, listen

MANY = """
insert into job (name, title, actor_kind, attempts_allowed) select 'bench', 'bench', 'job', 5 from generate_series(1, $1::int)
"""


async def measure(program: Program, *, count: int, rounds: int = 3) -> dict[str, Any]:
    ours, alone = [], []
    for _round in range(rounds):
        alone.append(count / await _arq(program.addresses.redis_url, count))
        ours.append(count / await _rows(program, count))
    waits = await _idle_to_start(program)
    return {
        "ours": statistics.median(ours), "arq": statistics.median(alone),
        "ratio": statistics.median(alone) / statistics.median(ours),
        "start_p50": percentile(waits, 0.5), "start_p95": percentile(waits, 0.95),
    }  # fmt: skip


async def _arq(url: str, count: int) -> float:
    async def nothing(context: dict[str, Any]) -> None: ...

    pool = ArqRedis.from_url(url, db=1)
    async with pool.pipeline() as pipe:
        for _job in range(count):
            await pool.enqueue_job("nothing")
        await pipe.execute()
    worker = ArqWorker(
        functions=[func(nothing, name="nothing", keep_result=0, max_tries=1)], redis_pool=pool, handle_signals=False, burst=True,
        poll_delay=0.01, max_jobs=100, keep_result=0, queue_read_limit=500,
    )  # fmt: skip
    started = time.perf_counter()
    await worker.async_run()
    seconds = time.perf_counter() - started
    await pool.flushdb()
    await pool.aclose()
    return seconds


async def _rows(program: Program, count: int) -> float:
    left = count
    done = asyncio.Event()

    async def nothing(job: RunningJob) -> None:
        nonlocal left
        left -= 1
        if not left:
            done.set()

    async with transaction():
        await execute(MANY, count)
    worker = Worker([Job("bench", nothing)], slots=program.settings.workers)
    started = time.perf_counter()
    running = asyncio.create_task(worker.run())
    await done.wait()
    worker.stop()
    await running
    seconds = time.perf_counter() - started
    async with transaction():
        if await fetch_value("select count(*) from job where name = 'bench' and state <> 'done'"):
            raise RuntimeError("Jobs were lost.")
    return seconds


async def _idle_to_start(program: Program, times: int = 40) -> list[float]:
    """Milliseconds from the commit to the job's first line, in a worker of its own that Valkey wakes."""
    begun: asyncio.Queue[float] = asyncio.Queue()

    async def note(job: RunningJob) -> None:
        begun.put_nowait(time.perf_counter())

    worker = Worker([Job("bench", note)], slots=program.settings.workers)
    tasks = [asyncio.create_task(worker.run()), asyncio.create_task(listen(worker, program.valkey))]
    await asyncio.sleep(0.5)
    waits = []
    for _time in range(times):
        async with acting(SYSTEM, "bench.asked") as act:
            act.record("bench", None)
            await work.add(SYSTEM, "bench", {}, title="bench", key=uuid4().hex)
        committed = time.perf_counter()
        waits.append((await begun.get() - committed) * 1000)
        await asyncio.sleep(0.05)
    worker.stop()
    await tasks[0]
    tasks[1].cancel()
    await asyncio.gather(tasks[1], return_exceptions=True)
    return waits
