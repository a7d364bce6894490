"""A process that serves our pages and the floor's for one size of the directory, until its input ends.

    python tests/bench/host.py SIZE FOLDER

SIZE is that of `seed` as JSON. Prints one line of JSON: the ports, the cookie, and for each work the addresses of ours and of the floor.
"""

import asyncio
import gc
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from directory import directory
from floor import Floor
from loopback import Client, served
from seed import Size
from works import Work, all_works

from crm import sessions
from crm.access import Actor
from crm.app import create_app
from crm.database import Login, fetch_value, transaction
from crm.program import Program
from crm.reporting import counting


async def host(program: Program) -> None:
    secret, actor = await person()
    await counting.count(actor.home_board, datetime.now(UTC).date(), "America/New_York")
    floor = Floor(program.addresses.database[Login.APP], secret)
    await floor.open()
    async with transaction(read_only=True):
        works = await all_works(actor)
    cookie = f"crm-session={secret}"
    async with served(create_app(program), cookie) as ours, served(floor.app()) as bare:
        told = {work.name: await _addresses(work, ours, floor) for work in works}
        gc.collect()
        gc.freeze()
        print(json.dumps({"ours": ours.port, "floor": bare.port, "cookie": cookie, "works": told}), flush=True)
        await asyncio.to_thread(sys.stdin.read)
    await floor.pool.close()


async def _addresses(work: Work, ours: Client, floor: Floor) -> list[tuple[str, str, int]]:
    """Of each turn: our address, the floor's, and the bytes of both pages."""
    found = []
    for address, statements in work.turns:
        size = len(await ours.get(address))
        found.append((address, floor.add(statements, size), size))
    return found


async def person() -> tuple[str, Actor]:
    """Someone of the board whose pipeline is in the middle of all by size; the secret of their session."""
    async with transaction():
        account = await fetch_value(
            "select g.account_id from role_grant g join account a on a.id = g.account_id where g.board_id = (select board_id "
            "from engagement group by 1 order by count(*) offset (select count(*) / 2 from board) limit 1) order by a.email limit 1"
        )
        secret = await sessions.open_session(account, "password", complete=True, stepped_up=True)
    async with transaction(read_only=True):
        found = await sessions.find(secret)
    if found is None or found.actor is None:
        raise RuntimeError("The session that was just opened is not found.")
    return secret, found.actor


async def main() -> None:
    async with directory(msgspec.json.decode(sys.argv[1], type=Size), Path(sys.argv[2])) as program:
        await host(program)


if __name__ == "__main__":
    asyncio.run(main())
