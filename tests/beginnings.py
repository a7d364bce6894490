"""What tests begin from, made once by each worker in a while: databases that hold it already, to be copied for each test.

Each layer is made on a copy of the one below it. A test names the fixture (`boards`, `employers`, `people`, `world`); the
`database` it gets is a copy of the highest layer that it names, in a tenth of the time that making it takes.
"""

import asyncio
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from crm import sessions
from crm.access import SYSTEM, Role
from crm.accounts.actions import Invitation, make_account
from crm.actions import acting
from crm.database import DB, Login, execute, fetch_value, transaction
from crm.embedded import Addresses
from crm.program import assembled
from crm.settings import settings_from
from crm.testing.cluster import Cluster
from tests.access.world import made_by

LASTS = 240  # seconds: what was just made is not old, no alert stands for it, and today is today


@dataclass(frozen=True)
class Beginning:
    """A database to copy, what its layers hold by their names, and the folder of its files."""

    database: str
    folder: Path
    holds: dict[str, SimpleNamespace] = field(default_factory=dict)


class Beginnings:
    """The beginnings of this worker, each made when a test first asks for it."""

    def __init__(self, servers: Cluster, empty: str, folder: Path) -> None:
        self._servers = servers
        self._empty = Beginning(empty, folder / "empty")
        self._folder = folder
        self._made: dict[tuple[str, int], Beginning] = {}

    async def with_what(self, names: list[str]) -> Beginning:
        """The beginning for a test that uses the fixtures of these names."""
        wanted = [layer for layer in LAYERS if layer in names]
        return await self._with(wanted[-1]) if wanted else self._empty

    async def _with(self, layer: str) -> Beginning:
        moment = int(time.time() // LASTS)
        if (layer, moment) not in self._made:
            for old in [made for made in self._made if made[1] < moment - 1]:
                await asyncio.to_thread(self._servers.drop_database, self._made.pop(old).database)
            lower = list(LAYERS)[: list(LAYERS).index(layer)]
            below = await self._with(lower[-1]) if lower else self._empty
            name = f"{self._empty.database}_{layer}_{moment}"
            await asyncio.to_thread(self._servers.create_database, name, below.database)
            try:
                self._made[layer, moment] = await self._fill(layer, name, below)
            except BaseException:
                await asyncio.to_thread(self._servers.drop_database, name)  # the next test tries again, and tells why too
                raise
        return self._made[layer, moment]

    async def _fill(self, layer: str, name: str, below: Beginning) -> Beginning:
        addresses = {login: self._servers.url(name, login) for login in Login}
        folder = self._folder / name
        await DB.start(addresses, size=5)
        try:
            program = assembled(settings_in(folder), Addresses(addresses, ""), valkey=False, rules=False) if layer == "world" else nullcontext()
            async with program:
                found = await LAYERS[layer](**below.holds)
        finally:
            await DB.stop()
        return Beginning(name, folder, below.holds | {layer: found})


def settings_in(folder: Path) -> Any:
    return settings_from({"CRM_DATA": str(folder), "CRM_URL": "http://crm.test", "CRM_SECRET_KEY": "0" * 64, "CRM_LOG_LEVEL": "error"})


async def _boards():
    """Two boards, north and south."""
    async with acting(SYSTEM, "board.made") as act:
        made = {}
        for code in ("north", "south"):
            made[code] = await fetch_value(
                "insert into board (code, name, public_name) values ($1, $2, $2) returning id", code, code.title()
            )
            act.record("board", made[code])
    return SimpleNamespace(**made)


async def _employers(boards):
    """Erin's employer in the north, Frank's in the south, each with one establishment."""
    made = {}
    async with acting(SYSTEM, "employer.made") as act:
        for key, name, board in (("erins", "Erin's Bakery", boards.north), ("franks", "Frank's Garage", boards.south)):
            made[key] = await fetch_value("insert into employer (name, match_key) values ($1, lower($1)) returning id", name)
            await execute(
                "insert into establishment (employer_id, line1, city, state, zip, is_primary, board_id) "
                "values ($1, '1 Main Street', 'Worcester', 'MA', '01608', true, $2)",
                made[key], board,
            )  # fmt: skip
            act.record("employer", made[key])
        await execute("select refresh_employers($1)", list(made.values()))
    return SimpleNamespace(**made)


async def _people(boards, employers):
    """Alice (board staff) and Bob (manager) of the north, Charlie of the south, and one of each other role."""
    async with acting(SYSTEM, "account.made") as act:
        partner = await fetch_value(
            "insert into partner (board_id, kind, name) values ($1, 'school', 'North High') returning id", boards.north
        )
        act.record("partner", partner)
    roles = {
        "alice": (Role.BOARD_STAFF, {"board_id": boards.north}), "bob": (Role.BOARD_MANAGER, {"board_id": boards.north}),
        "charlie": (Role.BOARD_STAFF, {"board_id": boards.south}), "sam": (Role.STATE_ADMIN, {}),
        "ana": (Role.STATE_ANALYST, {}), "walter": (Role.AUDITOR, {}), "teresa": (Role.PARTNER, {"partner_id": partner}),
        "erin": (Role.EMPLOYER_OWNER, {"employer_id": employers.erins}),
        "frank": (Role.EMPLOYER_MEMBER, {"employer_id": employers.franks}),
    }  # fmt: skip
    return SimpleNamespace(**{name: await _person(name, role, where) for name, (role, where) in roles.items()})


async def _person(name, role, where):
    async with acting(SYSTEM, "account.made") as act:
        invitation = Invitation(email=f"{name}@example.org", name=name.title(), role=role, **where)
        account_id = await make_account(act, invitation)
        secret = await sessions.open_session(account_id, "password", complete=True, stepped_up=True)
    async with transaction(read_only=True):
        found = await sessions.find(secret)
    return found.actor


LAYERS = {"boards": _boards, "employers": _employers, "people": _people, "world": made_by}


async def seen_just_now() -> None:
    """Everyone signed in this moment, however long ago the beginning was made."""
    async with transaction():
        await execute("update session set created_at = now(), last_seen_at = now(), stepped_up_at = now(), expires_at = now() + $1::interval",
                      sessions.LONGEST)  # fmt: skip
