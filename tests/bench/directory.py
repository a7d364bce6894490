"""The whole program on servers of its own, with as many rows as asked for."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from seed import Size, counted, seed

from crm.access import SYSTEM
from crm.actions import acting
from crm.boards.actions import adopt_network
from crm.embedded import Place
from crm.log import start_logging
from crm.program import Program, running_program
from crm.settings import settings_from


@contextlib.asynccontextmanager
async def directory(size: Size, folder: Path, **more: str) -> AsyncIterator[Program]:
    """Seeded when the folder is new; `more` are further settings."""
    settings = settings_from({"CRM_DATA": f"{folder}/{size.folder}/data", "CRM_SECRET_KEY": "0" * 64, "CRM_LOG_LEVEL": "error",
                              "CRM_URL": "http://localhost", **more})  # fmt: skip
    start_logging(settings)
    async with running_program(settings) as program:
        if not (await counted())["employer"]:
            async with acting(SYSTEM, "bench.boards") as act:
                for network in program.plugins.networks():
                    await adopt_network(SYSTEM, network)
                act.record("bench", None)
            await seed(superuser(program), size)
        yield program


def superuser(program: Program) -> str:
    """The address for whoever owns the machine."""
    place = Place(program.settings.data)
    return place.database_url("postgres", place.password("postgres"))
