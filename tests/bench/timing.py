"""Several things measured in turns, so that whatever else the machine does falls on all alike."""

import statistics
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

Times = dict[str, list[float]]  # milliseconds, by the name of what was measured


async def in_turns(works: Mapping[str, Callable[[int], Awaitable[object]]], *, times: int, warm: int = 12) -> Times:
    """Each is given the number of the turn, so that all can walk through the same inputs."""
    found: Times = {name: [] for name in works}
    order = list(works)
    for turn in range(-warm, times):
        for name in order:
            started = time.perf_counter()
            await works[name](turn % times)
            if turn >= 0:
                found[name].append((time.perf_counter() - started) * 1000)
        order.append(order.pop(0))
    return found


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def ratio(one: Sequence[float], other: Sequence[float]) -> float:
    """The median of the ratios turn by turn: both saw the same moment of the machine."""
    return statistics.median(a / b for a, b in zip(one, other, strict=True))
