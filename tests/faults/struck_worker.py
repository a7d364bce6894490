"""A worker in a process of its own, for the nemesis to strike: its jobs leave one line each in tables of the test."""

import asyncio
import json
import os
import signal
import sys

from crm import work

work.LEASE, work.HEARTBEAT = 3, 1  # seconds; the worker takes them over as it is imported

from arq.connections import ArqRedis  # noqa: E402

from crm import worker as workers  # noqa: E402
from crm.database import DB, Login, execute  # noqa: E402
from crm.work import Job  # noqa: E402

workers.SWEEP = 0.2  # seconds


async def leave_effect(job, *, number, record):
    """Some steps, then one line. A second line of one number would be an effect that happened twice."""
    for step in range(3):
        await job.progress(step, 3)
        await asyncio.sleep(0.01 + (2 - number // 5 % 3) * 0.03)  # a later one would overtake, if it could
    async with job.acting("nemesis.effect", ends=True) as act:
        await execute("insert into struck_effect (number, record, attempt) values ($1, $2, $3)", number, record, job.attempt)
        act.record("nemesis", None)


async def hear(job, *, event, name, subject, plugin):
    async with job.acting("nemesis.heard", ends=True) as act:
        await execute("insert into struck_hearing (event_id, plugin) values ($1, $2)", event, plugin)
        act.record("nemesis", None)


async def die(job):
    os.kill(os.getpid(), signal.SIGKILL)


async def main(addresses, valkey):
    await DB.start({Login(login): address for login, address in addresses.items()}, size=5)
    worker = workers.Worker([Job("effect", leave_effect), Job("events.tell", hear), Job("poison", die)], slots=4,
                            listeners={"employer_changed": ["first", "second"]})  # fmt: skip
    pool = ArqRedis.from_url(valkey, socket_timeout=2, socket_connect_timeout=2)
    listening = asyncio.create_task(workers.listen(worker, pool))
    await worker.run()
    listening.cancel()


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1]), sys.argv[2]))
