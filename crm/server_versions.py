"""Which versions of the servers have holes that are known, as of a day; a release brings a newer list."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Literal

from msgspec import Struct
from redis.exceptions import RedisError

from crm.database import fetch_value, transaction

if TYPE_CHECKING:
    from crm.program import Program

Verdict = Literal["safe", "old", "unknown"]


class Oldest(Struct, frozen=True):
    """The oldest version of each branch without a hole known on that day, and who says so."""

    as_of: date
    versions: tuple[tuple[int, ...], ...]
    branch: int  # how many numbers name one
    reference: str


OLDEST: Mapping[str, Oldest] = {
    "PostgreSQL": Oldest(date(2026, 5, 14), ((15, 18), (16, 14), (17, 10), (18, 4)), 1,
                         "PostgreSQL Global Development Group, release of 2026-05-14 (CVE-2026-6472 to 6479, 6575, 6637, 6638)"),
    "Valkey": Oldest(date(2026, 2, 23), ((7, 2, 12), (8, 0, 7), (8, 1, 6), (9, 0, 3)), 2,
                     "Valkey project, CVE-2026-21863 and CVE-2026-27623"),
}  # fmt: skip


class Server(Struct, frozen=True):
    """A server as it runs. `oldest` is the version below which its branch has a known hole; empty where none is named."""

    name: str
    version: str
    verdict: Verdict
    oldest: str
    as_of: date | None
    reference: str = ""  # who says so


async def servers(program: "Program") -> list[Server]:
    """The servers that this process talks to. One that does not answer is left out."""
    async with transaction(read_only=True):
        found = [judged("PostgreSQL", (await fetch_value("show server_version")).split()[0])]
    if program.valkey is not None:
        try:
            told = await program.valkey.info("server")
        except (RedisError, OSError):
            return found
        name = "Valkey" if "valkey_version" in told else "Redis"
        found.append(judged(name, str(told.get("valkey_version") or told["redis_version"])))
    return found


def judged(name: str, version: str) -> Server:
    """Of a branch that is newer than the list nothing is known; of one older than the list no one mends holes."""
    known, numbers = OLDEST.get(name), numbered(version)
    if known is None or not numbers:
        return Server(name, version, "unknown", "", None)
    oldest = next((each for each in known.versions if each[: known.branch] == numbers[: known.branch]), None)
    if oldest is None:
        verdict: Verdict = "old" if numbers < known.versions[0] else "unknown"
        return Server(name, version, verdict, "", known.as_of, known.reference)
    return Server(name, version, "safe" if numbers >= oldest else "old", ".".join(map(str, oldest)), known.as_of, known.reference)


def numbered(version: str) -> tuple[int, ...]:
    """`18.6` as (18, 6); empty for what is no released version, such as a beta."""
    parts = version.split(".")
    return tuple(map(int, parts)) if all(part.isascii() and part.isdigit() for part in parts) else ()
