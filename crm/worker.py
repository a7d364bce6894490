"""The worker: claims job rows, runs them, keeps their leases alive, and does the housekeeping between."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import Context
from datetime import UTC, datetime
from functools import partial
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

import structlog
from arq.connections import ArqRedis
from arq.worker import Worker as ArqWorker
from arq.worker import func
from redis.exceptions import RedisError

from crm import audit, events, housekeeping, nightly, sessions, work
from crm.access import SYSTEM, Actor
from crm.audit_heads import Keeper
from crm.database import Record, execute, fetch, transaction
from crm.errors import Denied, Unavailable, UserError, is_full
from crm.log import set_request_id
from crm.nightly import Nightly
from crm.translation import _, use_language
from crm.work import BACK_OFF, HEARTBEAT, LEASE, LONGEST_BACK_OFF, Job, LeaseLost, RunningJob, Stopped

log = structlog.get_logger("crm.worker")

SWEEP = 5  # seconds between looks for what was not woken
Outcome = tuple[UUID, int, str, dict[str, Any] | None, str, float]  # id, attempt, state, result, reason, delay


# what has to end before a job of the same line starts; what was put off to a later time from the first is not waited for
BEFORE_IN_LINE = """
    select from job before where before.line = job.line and before.id <> job.id and (before.state = 'running'
    or before.state = 'queued' and (before.created_at, before.id) < (job.created_at, job.id)
    and (before.run_after <= now() or before.attempt > 0))
"""


class Worker:
    """Runs up to `slots` jobs at once. `run()` returns after `stop()`, when the running jobs have ended."""

    def __init__(self, jobs: list[Job], *, slots: int = 20, listeners: Mapping[str, list[str]] | None = None,
                 nightly: Sequence[Nightly] = (), heads: Keeper | None = None,
                 tidy: Callable[[], Awaitable[object]] = housekeeping.tidy) -> None:  # fmt: skip
        self.jobs = {job.name: job for job in jobs}
        self.slots = slots
        self.listeners = dict(listeners or {})
        self.nightly = nightly
        self.heads = heads
        self.tidy = tidy
        self.name = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        self.running: dict[tuple[UUID, int], asyncio.Task[None]] = {}
        self.outcomes: list[Outcome] = []
        self.woken = asyncio.Event()
        self.stopping = False

    def wake(self) -> None:
        self.woken.set()

    def stop(self) -> None:
        self.stopping = True
        self.woken.set()

    async def run(self) -> None:
        await self._guarded(release_the_dead)
        keeping = [asyncio.create_task(self._beat()), asyncio.create_task(self._keep_house())]
        try:
            while not self.stopping:
                await self._guarded(self._turn)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.woken.wait(), SWEEP)
                self.woken.clear()
            await self._finish()
        finally:
            for task in keeping:
                task.cancel()
            await asyncio.gather(*keeping, return_exceptions=True)

    async def run_until_idle(self) -> None:
        """Do all that is due, then return. For commands and tests."""
        while True:
            told = await events.tell(self.listeners)
            claimed = await self._claim()
            if not claimed and not told and not self.running:
                return
            await asyncio.gather(*self.running.values())
            await self._settle()

    async def _guarded(self, step: Callable[[], Awaitable[Any]]) -> None:
        try:
            await step()
        except (Unavailable, OSError) as problem:
            log.warning("disk_full" if is_full(problem) else "database_away", problem=type(problem).__name__)
        except Exception:
            log.exception("worker_step_failed")

    async def _turn(self) -> None:
        while await events.tell(self.listeners):
            pass
        await self._settle()
        await self._claim()

    async def _claim(self) -> int:
        free = self.slots - len(self.running)
        if free <= 0 or self.stopping:
            return 0
        async with transaction():
            found = await fetch(
                "update job set state = 'running', attempt = attempt + 1, worker = $1, "
                f"lease_until = now() + interval '{LEASE} seconds', started_at = now(), reason = '' "
                # an array: for "in" with a limit not known, the planner reads the whole table
                "where id = any(array(select id from job where state = 'queued' and run_after <= now() "
                f"and (line is null or not exists ({BEFORE_IN_LINE})) "
                "order by run_after limit $2 for update skip locked)) returning *",
                self.name, free,
            )  # fmt: skip
        for row in found:
            key = (row["id"], row["attempt"])
            # an empty context: a job must not inherit a transaction or a request
            self.running[key] = asyncio.get_running_loop().create_task(self._run(row), context=Context())
        if len(found) == free:
            work.ring()  # there may be more than this worker can hold
        return len(found)

    async def _run(self, row: Record) -> None:
        key = (row["id"], row["attempt"])
        try:
            state, result, reason, delay = await self._outcome(row)
        except (LeaseLost, asyncio.CancelledError):
            log.warning("job_lost", job=str(row["id"]), attempt=row["attempt"])
            self.running.pop(key, None)
            return
        self.outcomes.append((row["id"], row["attempt"], state, result, reason, delay))
        self.running.pop(key, None)
        self.wake()

    async def _outcome(self, row: Record) -> tuple[str, dict[str, Any] | None, str, float]:
        set_request_id(str(row["id"]))
        job = self.jobs.get(row["name"])
        if job is None:
            return "failed", None, f"No feature or plugin runs '{row['name']}' now. Is its plugin switched off?", 0
        try:
            running = RunningJob(row["id"], row["name"], row["attempt"], await self._actor(row))
            use_language(running.actor.language)  # what it tells, they read
            async with asyncio.timeout(job.timeout):
                result = await job.function(running, **row["arguments"])
            return "done", result, "", 0
        except (LeaseLost, asyncio.CancelledError):
            raise
        except Stopped as stopped:
            return "stopped", None, str(stopped), 0
        except Exception as problem:
            return self._failure(row, problem)

    def _failure(self, row: Record, problem: Exception) -> tuple[str, dict[str, Any] | None, str, float]:
        mended_by_waiting = not isinstance(problem, UserError) or isinstance(problem, Unavailable)
        if isinstance(problem, UserError):
            reason = str(problem)
        elif isinstance(problem, TimeoutError):
            reason = _("This took longer than it may.")
        elif is_full(problem):
            reason = _("The disk is full, so this could not be kept. It is tried again; make room.")
        else:
            reason = _("Something went wrong inside the program. The log has the details under this job's number.")
            log.exception("job_failed", job=str(row["id"]), attempt=row["attempt"])
        if mended_by_waiting and row["attempt"] < row["attempts_allowed"]:
            return "queued", None, reason, min(BACK_OFF * 2 ** (row["attempt"] - 1), LONGEST_BACK_OFF)
        return "failed", None, reason, 0

    async def _actor(self, row: Record) -> Actor:
        if row["account_id"] is None:
            return SYSTEM
        async with transaction(read_only=True):
            actor = await sessions.actor_of(row["account_id"])
        if actor is None:
            raise Denied(_("The person who started this work can no longer sign in, so it was not done."))
        return actor

    async def _settle(self) -> None:
        """Write the outcomes of ended jobs, many in one statement. One that lost its lease changes nothing."""
        if not self.outcomes:
            return
        settled, self.outcomes = self.outcomes, []
        ids, attempts, states, results, reasons, delays = (list(c) for c in zip(*settled, strict=True))
        try:
            async with transaction():
                await execute(
                    "update job j set state = r.state, result = r.result, reason = r.reason, lease_until = null, "
                    "run_after = now() + make_interval(secs => r.delay), "
                    "finished_at = case when r.state = 'queued' then null else now() end "
                    "from unnest($1::uuid[], $2::int[], $3::text[], $4::jsonb[], $5::text[], $6::float8[]) "
                    "r (id, attempt, state, result, reason, delay) "
                    # one whose last action ended it still brings its result
                    "where j.id = r.id and j.attempt = r.attempt and (j.state = 'running' or j.state = 'done' and r.state = 'done')",
                    ids, attempts, states, results, reasons, delays,
                )  # fmt: skip
        except BaseException:
            self.outcomes = settled + self.outcomes
            raise

    async def _beat(self) -> None:
        """Keep the leases of running jobs; cancel those that another worker has taken."""
        while True:
            await asyncio.sleep(HEARTBEAT)
            await self._guarded(self._beat_once)

    async def _beat_once(self) -> None:
        if not self.running:
            return
        held = list(self.running)
        ids = [job_id for job_id, _attempt in held], [attempt for _job, attempt in held]
        async with transaction():
            kept = await fetch(
                "select j.id, j.attempt from job j join unnest($1::uuid[], $2::int[]) r (id, attempt) "
                "on j.id = r.id and j.attempt = r.attempt where j.state = 'running'", *ids,
            )  # fmt: skip
            # a row that is locked is being written by its own job, which lives; waiting for it would starve the others
            await execute(
                f"update job set lease_until = now() + interval '{LEASE} seconds' where id in (select j.id from job j "
                "join unnest($1::uuid[], $2::int[]) r (id, attempt) on j.id = r.id and j.attempt = r.attempt "
                "where j.state = 'running' for update of j skip locked)", *ids,
            )  # fmt: skip
        for key in set(held) - {(row["id"], row["attempt"]) for row in kept}:
            if task := self.running.get(key):
                task.cancel()

    async def _keep_house(self) -> None:
        tidying = monotonic()
        while True:
            await self._guarded(sweep)
            await self._guarded(audit.seal)
            if self.heads:
                await self._guarded(self.heads.keep)
            if monotonic() >= tidying:
                tidying = monotonic() + housekeeping.EVERY.total_seconds()
                await self._guarded(self.tidy)
            for each in self.nightly:
                await self._guarded(partial(nightly.enqueue, each, datetime.now(UTC)))
            self.wake()
            await asyncio.sleep(SWEEP)

    async def _finish(self) -> None:
        """Let running jobs end; what takes longer is put back in the queue and starts again elsewhere."""
        tasks = dict(self.running)
        if tasks:
            await asyncio.wait(tasks.values(), timeout=10)
        left = list(self.running)
        for key in left:
            self.running[key].cancel()
        await self._guarded(self._settle)
        if left:
            await self._guarded(lambda: _give_back(left))


async def _give_back(keys: list[tuple[UUID, int]]) -> None:
    async with transaction():
        await execute(
            "update job j set state = 'queued', lease_until = null, attempt = j.attempt - 1 "
            "from unnest($1::uuid[], $2::int[]) r (id, attempt) "
            "where j.id = r.id and j.attempt = r.attempt and j.state = 'running'",
            [job_id for job_id, _attempt in keys], [attempt for _job, attempt in keys],
        )  # fmt: skip


async def release_the_dead() -> int:
    """Give up the leases of workers on this machine whose process is gone, so that a restart need not wait for them.

    Should a living one be taken for dead, its attempt no longer holds the job and cannot write.
    """
    here = socket.gethostname()
    async with transaction():
        names = await fetch("select distinct worker from job where state = 'running' and split_part(worker, ':', 1) = $1", here)
        gone = [row["worker"] for row in names if not _is_alive(int(row["worker"].split(":")[1]))]
        if not gone:
            return 0
        await execute("update job set lease_until = now() - interval '1 second' where state = 'running' and worker = any($1)", gone)
    return await sweep()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


async def sweep() -> int:
    """Queue again what a dead worker left behind; what has died too often waits for a person."""
    async with transaction():
        return await execute(
            "update job set lease_until = null, "
            "state = case when attempt < attempts_allowed then 'queued' else 'failed' end, "
            "finished_at = case when attempt < attempts_allowed then null else now() end, "
            "reason = case when attempt < attempts_allowed then '' else "
            "'The worker died each time it tried this. Look at the log before you start it again.' end "
            "where id in (select id from job where state = 'running' and lease_until < now() for update skip locked)"
        )


async def listen(worker: Worker, pool: ArqRedis) -> None:
    """Let arq wake the worker. When Valkey goes away the sweep goes on, and we listen again when it is back."""

    async def wake(context: dict[str, Any]) -> None:
        worker.wake()

    while not worker.stopping:
        bells = ArqWorker(
            functions=[func(wake, name="wake", keep_result=0, max_tries=1)],  # type: ignore[arg-type]
            redis_pool=pool, handle_signals=False,
            poll_delay=0.02, max_jobs=100, keep_result=0, job_serializer=work.serialize,
            job_deserializer=work.deserialize,
        )  # fmt: skip
        try:
            await bells.async_run()
        except (RedisError, OSError, TimeoutError) as problem:
            log.warning("valkey_away", problem=type(problem).__name__)
            await asyncio.sleep(1)
        finally:
            # not close(): that would close the pool, which is ours
            for task in bells.tasks.values():
                task.cancel()
