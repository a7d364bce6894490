"""How many requests are at work at once. Some more wait a moment; the others are told to come back.

A process that takes on all that comes answers everyone late. What waits for its client, to send a body or to take an
answer, is not at work: slow people hold no one else up.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

AT_WORK = 16  # requests; more at once only make each of them slower, for they share one processor
WAITING = 32
LONGEST_WAIT = 1.0  # seconds
OWN_LANE = 10  # more at work, for signing in and for whoever watches over us


class Admission:
    def __init__(self, at_work: int = AT_WORK, waiting: int = WAITING, longest_wait: float = LONGEST_WAIT) -> None:
        self.most = at_work
        self.most_waiting = waiting
        self.longest_wait = longest_wait
        self.at_work = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def enter(self, *, own_lane: bool = False) -> bool:
        """Whether the request may go on; who may calls `leave` afterwards."""
        if self.at_work < self.most + (OWN_LANE if own_lane else 0):
            self.at_work += 1
            return True
        if len(self._waiting) >= self.most_waiting:
            return False
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await asyncio.wait([turn], timeout=self.longest_wait)
        except asyncio.CancelledError:
            if turn.done():
                self.leave()
            raise
        finally:
            if not turn.done():
                self._waiting.remove(turn)
        return turn.done()

    def leave(self) -> None:
        self.at_work -= 1
        while self._waiting and self.at_work < self.most:
            self.at_work += 1
            self._waiting.popleft().set_result(None)

    def come_back(self) -> None:
        """On again after waiting for the client: no one is sent away in the middle."""
        self.at_work += 1


class Budget:
    """The seconds that a request may take of us. While it waits for its client, its clock stands and its place is free."""

    def __init__(self, admission: Admission, seconds: float) -> None:
        self.admission = admission
        self.timeout = asyncio.timeout(seconds)

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        ends = self.timeout.when()
        if ends is None or self.timeout.expired():  # paused already, by a part of the same answer; or given up, and told so
            yield
            return
        left = ends - loop.time()
        self.timeout.reschedule(None)
        self.admission.leave()
        try:
            yield
        finally:
            self.admission.come_back()
            if not self.timeout.expired():
                self.timeout.reschedule(loop.time() + left)
