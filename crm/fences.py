"""A clock and a fence around a plugin's code: it ends in time, or is left behind and named.

Python cannot stop a thread, so what hangs goes on in a daemon thread, which does not keep the program from ending.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as StillRunning
from typing import Any


class Hung(Exception):
    """It did not end in time."""


class Broke(Exception):
    """It raised; the message says what. Also for SystemExit and other things that would end the program."""


def start(function: Callable[[], Any]) -> "Future[Any]":
    """Run in a thread of its own, with an empty context: no transaction, no request."""
    future: Future[Any] = Future()
    future.set_running_or_notify_cancel()  # a wait that is given up must not cancel it

    def run() -> None:
        try:
            answer = function()
        except BaseException as problem:  # noqa: BLE001  (also SystemExit: a plugin must not end the program)
            broke = Broke(f"{type(problem).__name__}: {first_line(problem)}".removesuffix(": "))
            broke.__cause__ = problem
            future.set_exception(broke)
        else:
            future.set_result(answer)

    threading.Thread(target=run, name="plugin", daemon=True).start()
    return future


def wait(future: "Future[Any]", limit: float) -> Any:
    """Raises `Hung` after `limit` seconds, `Broke` when it raised."""
    try:
        return future.result(limit)
    except StillRunning:
        raise Hung(f"did not end within {limit:g} seconds") from None


async def wait_async(future: "Future[Any]", limit: float) -> Any:
    """The same without holding up the loop."""
    try:
        return await asyncio.wait_for(asyncio.wrap_future(future), limit)
    except TimeoutError:
        raise Hung(f"did not end within {limit:g} seconds") from None


def first_line(problem: BaseException) -> str:
    """The beginning of a message, for one line on a page."""
    try:
        text = str(problem)
    except Exception:  # noqa: BLE001  (a plugin may have written its __str__)
        return ""
    return text.strip().partition("\n")[0][:300]
