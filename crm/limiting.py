"""How many requests a minute: each API token, each person at the API, each address at the sign-in pages.

Counted in Valkey in one step, for all processes at once. While Valkey is away each process counts for itself,
so that no one is shut out and no one gets in without count.
"""

import asyncio
import time
from typing import Any

import structlog
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send
from redis.exceptions import RedisError

from crm.access import Actor
from crm.csrf import SAFE
from crm.errors import TooMany
from crm.program import Program
from crm.translation import _

log = structlog.get_logger("crm.web")

GUESSED = ("/sign-in", "/rsvp/", "/come/", "/report-mails/")  # pages for visitors, whose forms write
COSTLY = ("/screenings/", "/my-answers/", "/incentives")  # pages for visitors that are worked out anew each time they are read
PATIENCE = 0.25  # seconds for Valkey to answer
AWAY = 10.0  # seconds until Valkey is asked again


class Limiter:
    """Counts tries by rule and subject."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.near = MovingWindowRateLimiter(MemoryStorage())
        self.shared: MovingWindowRateLimiter | None = None
        self.away_until = 0.0

    async def count(self, rule: RateLimitItem, *subject: str) -> None:
        """Count a try. Raises `TooMany` with the seconds to wait."""
        if (shared := self._shared()) is not None:
            try:
                async with asyncio.timeout(PATIENCE):
                    await _count(shared, rule, subject)
                return
            except (RedisError, OSError, TimeoutError) as problem:
                log.warning("valkey_away", problem=type(problem).__name__, counting="in this process")
                self.away_until = time.monotonic() + AWAY
        await _count(self.near, rule, subject)

    def _shared(self) -> MovingWindowRateLimiter | None:
        if self.program.valkey is None or time.monotonic() < self.away_until:
            return None
        if self.shared is None:
            storage = RedisStorage(
                "async+redis://", implementation="redispy", key_prefix="crm:limits",
                connection_pool=self.program.valkey.connection_pool,  # type: ignore[arg-type]
            )  # fmt: skip
            self.shared = MovingWindowRateLimiter(storage)
        return self.shared


async def _count(limiter: MovingWindowRateLimiter, rule: RateLimitItem, subject: tuple[str, ...]) -> None:
    if await limiter.hit(rule, *subject):
        return
    window = await limiter.get_window_stats(rule, *subject)
    seconds = max(1, round(window.reset_time - time.time()))
    raise TooMany(_("Too many requests in a short time. Wait %(seconds)s seconds, then try again.") % {"seconds": seconds},
                  wait=seconds)  # fmt: skip


class Limits(ASGIMiddleware):
    """Stands after the sessions: who asks is known by then."""

    def __init__(self, program: Program) -> None:
        self.limiter = Limiter(program)
        self.api = RateLimitItemPerMinute(program.settings.api_rate, namespace="api")
        self.sign_in = RateLimitItemPerMinute(program.settings.sign_in_rate, namespace="sign-in")

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        if scope["type"] == ScopeType.HTTP:
            if scope["path"].startswith("/api/"):
                await self.limiter.count(self.api, *_subject(scope))
            elif scope["path"].startswith(COSTLY) or (scope["path"].startswith(GUESSED) and scope["method"] not in SAFE):
                await self.limiter.count(self.sign_in, "address", _address(scope))
        await next_app(scope, receive, send)


def _subject(scope: Scope) -> tuple[str, str]:
    actor: Actor = scope["state"]["actor"]
    if actor.token_id is not None:
        return "token", str(actor.token_id)
    return ("person", str(actor.account_id)) if actor.account_id else ("address", _address(scope))


def _address(scope: Any) -> str:
    return str(scope["client"][0]) if scope.get("client") else "unknown"
