"""Job rows: what is to be done later, kept in PostgreSQL with a lease, a heartbeat and an attempt number.

arq carries only the wake-up (`ring`); a sweep finds what was not woken. A job can run twice: every write of a
running job is fenced by its attempt, so a worker that was given up for dead cannot write when it comes back.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from contextvars import Context
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import msgspec
from redis.exceptions import RedisError

from crm.access import Actor
from crm.database import Login, current, execute, fetch_value, in_transaction, transaction
from crm.errors import Conflict, UserError
from crm.translation import _
from crm.worded import Worded, columns

if TYPE_CHECKING:
    from crm.actions import Act

LEASE = 20  # seconds; with a sweep every 5 s a dead worker's job starts again within 30
HEARTBEAT = 5
BACK_OFF = 5  # seconds, doubled with each attempt
LONGEST_BACK_OFF = 600


class Job(msgspec.Struct, frozen=True):
    """A kind of job: `function(job: RunningJob, **arguments)` returns a JSON-able result or None."""

    name: str
    function: Callable[..., Awaitable[dict[str, Any] | None]]
    attempts: int = 5
    timeout: float = 600


class LeaseLost(Exception):
    """Another worker has taken the job; what this one was about to write is dropped."""


class Stopped(UserError):
    code = "stopped"


_known: dict[str, Job] = {}


def register(jobs: list[Job]) -> None:
    """Tell `add` how many attempts each kind of job has. Called at start, with the jobs of features and plugins."""
    _known.update({job.name: job for job in jobs})


async def add(
    actor: Actor, name: str, arguments: Mapping[str, Any], *, title: str | Worded, key: str | None = None,
    line: str | None = None, board_id: UUID | None = None, run_after: datetime | None = None,
) -> UUID:  # fmt: skip
    """Add a job inside the open transaction; it is woken after the commit, and starts at `run_after` or at once.

    With a `key`, a job that waits or runs under it is given instead. Jobs of one `line` run one after another.
    """
    job_id = uuid4()
    known = _known.get(name)
    added = await execute(
        "insert into job (id, name, title, title_words, arguments, key, line, actor_kind, account_id, board_id, attempts_allowed, run_after) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, coalesce($12::timestamptz, now())) on conflict do nothing",
        job_id, name, *columns(title), dict(arguments), key, line, actor.kind, actor.account_id, board_id or actor.home_board,
        known.attempts if known else 5, run_after,
    )  # fmt: skip
    if not added:
        waiting = await fetch_value("select id from job where key = $1 and state in ('queued', 'running')", key)
        if waiting is None:
            raise Conflict(_("This work has just finished. Load the page again to see its result."))
        return UUID(str(waiting))
    current().after_commit.append(ring)
    return job_id


class RunningJob:
    """A job while it runs: whose it is, how to say how far it is, and how to write."""

    def __init__(self, job_id: UUID, name: str, attempt: int, actor: Actor) -> None:
        self.id = job_id
        self.name = name
        self.attempt = attempt
        self.actor = actor

    async def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """Say how far the job is; seen by the person at once. Raises `Stopped` when they stopped it."""
        async with _own_transaction():
            state = await fetch_value(
                "update job set progress_done = $3, progress_total = coalesce($4, progress_total), message = $5, "
                f"lease_until = now() + interval '{LEASE} seconds' "
                "where id = $1 and attempt = $2 returning state",
                self.id, self.attempt, done, total, message,
            )  # fmt: skip
        self._check(state)

    @asynccontextmanager
    async def acting(self, verb: str, *, ends: bool = False) -> AsyncIterator["Act"]:
        """An action that commits only while this attempt still holds the job.

        One that `ends` the job is done once even where doing it twice would show: the job is done with its commit.
        """
        from crm.actions import acting

        async with acting(self.actor, verb) as act:
            self._check(
                await fetch_value(
                    "select state from job where id = $1 and attempt = $2 for no key update", self.id, self.attempt
                )
            )
            if ends:  # before the rest, so that what follows it may have its key
                await execute("update job set state = 'done', lease_until = null, finished_at = now() where id = $1", self.id)
            yield act
            if not ends:
                # the heart could not beat while this action held the row
                await execute(f"update job set lease_until = clock_timestamp() + interval '{LEASE} seconds' where id = $1", self.id)

    def _check(self, state: str | None) -> None:
        if state == "stopped":
            raise Stopped("You stopped this work. What was finished before stays.")
        if state != "running":
            raise LeaseLost(f"job {self.id}, attempt {self.attempt}")


@asynccontextmanager
async def _own_transaction() -> AsyncIterator[None]:
    if in_transaction():
        raise RuntimeError("Say progress between actions: inside one it would show only after the commit.")
    async with transaction(Login.APP):
        yield


async def stop(job_id: UUID) -> bool:
    """Stop a job that waits or runs, inside the open transaction; False when it had already ended."""
    return bool(
        await execute(
            "update job set state = 'stopped', finished_at = now() where id = $1 and state in ('queued', 'running')",
            job_id,
        )
    )


async def retry(job_id: UUID) -> bool:
    """Start a failed or stopped job again, inside the open transaction."""
    done = await execute(
        "update job set state = 'queued', attempt = 0, run_after = now(), reason = '', finished_at = null "
        "where id = $1 and state in ('failed', 'stopped')",
        job_id,
    )
    if done:
        current().after_commit.append(ring)
    return bool(done)


class Bell:
    """Wakes the workers through Valkey. A bell that cannot be heard costs time, never work."""

    def __init__(self) -> None:
        self.pool: Any = None
        self.local: Callable[[], None] | None = None
        self._ringing: asyncio.Task[None] | None = None

    def ring(self) -> None:
        if self.local is not None:
            self.local()
        elif self.pool is not None and (self._ringing is None or self._ringing.done()):
            self._ringing = asyncio.get_running_loop().create_task(self._send(), context=Context())

    async def quiet(self) -> None:
        """Let a ring that is under way end, then ring no more."""
        if self._ringing is not None:
            await asyncio.wait([self._ringing], timeout=1)
        self.pool = self.local = None

    async def _send(self) -> None:
        try:
            await self.pool.enqueue_job("wake", _job_id=uuid4().hex)
        except (OSError, TimeoutError, RedisError):
            return  # the sweep finds the job



bell = Bell()


def ring() -> None:
    """Wake a worker after a commit that left something to do."""
    bell.ring()


def serialize(value: Any) -> bytes:
    """arq's pickle would run whatever lies in Valkey; JSON cannot."""
    return json.dumps(value, default=str).encode()


def deserialize(value: bytes) -> Any:
    return json.loads(value)
