"""Pages over the loopback: ours and the floor's, at every size of the directory, in turns."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import msgspec
import report
from loopback import Client
from seed import Size, size_of
from timing import Times, in_turns, percentile, ratio


async def measure(sizes: list[int], folder: Path, *, times: int) -> dict[str, Any]:
    """The figures of each work, by its name: for each size, and the growth from the first to the last."""
    async with contextlib.AsyncExitStack() as stack:
        hosts = {}
        for size in sizes:
            report.say(f"seeding {size:,} establishments")
            hosts[size] = await stack.enter_async_context(hosted(size_of(size), folder))
        report.say("pages")
        found = {}
        for name in hosts[sizes[0]]["works"]:
            timed = await in_turns(_all(hosts, name), times=times)
            found[name] = {
                "sizes": {str(size): _figures(timed, size, hosts[size]["works"][name]) for size in sizes},
                "growth": ratio(timed[f"ours {sizes[-1]}"], timed[f"ours {sizes[0]}"]),
                "floor_growth": ratio(timed[f"floor {sizes[-1]}"], timed[f"floor {sizes[0]}"]),
            }
    return found


@contextlib.asynccontextmanager
async def hosted(size: Size, folder: Path) -> AsyncIterator[dict[str, Any]]:
    """A process that serves this size, with a client for each side."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(Path(__file__).parent / "host.py"), msgspec.json.encode(size).decode(), str(folder),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=2**20,
    )  # fmt: skip
    line = await process.stdout.readline()  # type: ignore[union-attr]
    if not line:
        raise RuntimeError("The serving process ended; what it said is above.")
    told = json.loads(line)
    clients = {"ours": Client(told["ours"], told["cookie"]), "floor": Client(told["floor"])}
    for client in clients.values():
        await client.open()
    try:
        yield {"works": told["works"], **clients}
    finally:
        for client in clients.values():
            client.close()
        process.stdin.close()  # type: ignore[union-attr]
        await process.wait()


def _all(hosts: dict[int, dict[str, Any]], name: str) -> dict[str, Callable[[int], Any]]:
    def getting(client: Client, addresses: list[str]) -> Callable[[int], Any]:
        return lambda turn: client.get(addresses[turn % len(addresses)])

    return {
        f"{side} {size}": getting(host[side], [turn[place] for turn in host["works"][name]])
        for size, host in hosts.items() for place, side in enumerate(("ours", "floor"))
    }  # fmt: skip


def _figures(timed: Times, size: int, turns: list[tuple[str, str, int]]) -> dict[str, float]:
    ours, floor = timed[f"ours {size}"], timed[f"floor {size}"]
    p95, floor_p95 = percentile(ours, 0.95), percentile(floor, 0.95)
    return {
        "p50": percentile(ours, 0.5), "p95": p95, "floor": percentile(floor, 0.5), "floor_p95": floor_p95, "ratio": ratio(ours, floor),
        "ratio_p95": p95 / floor_p95, "kb": max(turn[2] for turn in turns) / 1000,
    }  # fmt: skip
