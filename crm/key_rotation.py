"""Which secret key sealed what, and everything sealed anew by the one that seals now.

Rotation may stop anywhere and start again: each batch is an action of its own, and what is sealed anew already is passed by.
"""

from collections import Counter
from collections.abc import AsyncIterator
from typing import Literal

from msgspec import Struct

from crm import files, roles, sealing
from crm.access import SYSTEM
from crm.actions import acting
from crm.database import Login, Record, execute, fetch, transaction
from crm.errors import UserError
from crm.sealed_columns import SEALED, SealedColumn
from crm.settings import Settings
from crm.sql import TRUE, Sql

BATCH = 200  # values or files in one transaction, so that none holds locks for long
SAMPLE = 100  # values of a column that a drill opens

Use = Literal["seals", "opens", "not named", "unknown"]


class Holding(Struct, frozen=True):
    """What one key has sealed. `not named`: values of the first version, which are opened by trying each key."""

    key: str
    use: Use
    values: int
    files: int


class Rotated(Struct, frozen=True):
    """What was sealed anew, by column; what does not open; what others were at work on; whose passwords were made anew."""

    key: str
    sealed: dict[str, int]
    broken: list[str]
    left: int
    logins: list[Login]


async def holdings() -> list[Holding]:
    """Each key that the program has, and each that something names; the one that seals first."""
    async with transaction(read_only=True):
        values = sum([await _heads(column) for column in SEALED], Counter())
    stored = Counter([_named(head) async for _name, head in _file_heads({})])
    ours = [key.name.hex() for key in sealing.ring()]
    others = sorted({*values, *stored} - {*ours})
    return [Holding(name, _use(name, ours), values[name], stored[name]) for name in [*ours, *others]]


def _use(name: str, ours: list[str]) -> Use:
    if name not in ours:
        return "unknown" if name else "not named"
    return "seals" if name == ours[0] else "opens"


def _named(head: bytes) -> str:
    return head[len(sealing.NAMED) :].hex() if head.startswith(sealing.NAMED) else ""


async def _heads(column: SealedColumn) -> Counter[str]:
    found = await fetch(
        f"select case when substring({column.column} from 1 for 1) = $2 then substring({column.column} from 1 for $1) end as head, "
        f"count(*) as values from {column.table} where {column.column} is not null group by 1",
        sealing.HEAD, sealing.NAMED,
    )  # fmt: skip
    return Counter({_named(row["head"] or b""): row["values"] for row in found})


async def unopened() -> list[str]:
    """What is sealed with a key that the program does not have, and what of a sample does not open: for a drill."""
    problems = [
        f"{holding.values + holding.files} values and files were sealed with the key {holding.key}, which is not at hand."
        for holding in await holdings() if holding.use == "unknown"
    ]  # fmt: skip
    async with transaction(read_only=True):
        for column in SEALED:
            for row in await fetch(Sql("{} limit {}", _rows_of(column), SAMPLE)):
                try:
                    _opened(column, row)
                except UserError as problem:
                    problems.append(f"{_called(column, row)}: {problem}")
    return problems


async def rotate(settings: Settings) -> Rotated:
    """Seal everything with the first key, and make the passwords of the logins from it. Safe at any time, any number of times.

    Others go on working meanwhile. Raises `RoleProblem` where the owner may not change passwords.
    """
    broken: dict[str, None] = {}
    sealed = {_title(column): await _seal_column(column, broken) for column in SEALED}
    left = await _count_others() - len(broken)
    sealed["files"] = await _seal_files(broken)
    return Rotated(_first(), sealed, list(broken), max(0, left), await roles.renew_passwords(settings))


async def _count_others() -> int:
    async with transaction(read_only=True):
        values = sum([await _heads(column) for column in SEALED], Counter())
    return values.total() - values[_first()]


def _first() -> str:
    return sealing.ring()[0].name.hex()


async def _seal_column(column: SealedColumn, broken: dict[str, None]) -> int:
    """Passes over the column until one finds nothing to do; the number of values."""
    total = 0
    while count := await _pass(column, broken):
        total += count
    return total


async def _pass(column: SealedColumn, broken: dict[str, None]) -> int:
    total, after = 0, TRUE
    while True:
        async with acting(SYSTEM, "keys.rotated") as act:
            found = await fetch(
                Sql(f"{{}} and {{}} and substring({column.column} from 1 for {{}}::int) <> {{}} "
                    f"order by {_key(column)} limit {{}} for update skip locked",
                    _rows_of(column), after, sealing.HEAD, sealing.head(), BATCH)  # fmt: skip
            )
            count = sum([await _seal_row(column, row, broken) for row in found])
            if count:
                act.record("secret_key", None, after={"key": _first(), _title(column): count})
            else:
                act.unchanged()
        total += count
        if len(found) < BATCH:
            return total
        after = Sql(f"({_key(column)}) > ({', '.join(['{}'] * len(column.key))})", *(found[-1][part] for part in column.key))


async def _seal_row(column: SealedColumn, row: Record, broken: dict[str, None]) -> int:
    try:
        text = _opened(column, row)
    except sealing.SealBroken as problem:
        broken[f"{_called(column, row)}: {problem}"] = None
        return 0
    values = {column.column: sealing.seal(text, column.table, column.name, row[column.bound_by]), **column.beside(text)}
    assigned = ", ".join(f"{name} = {{}}" for name in values)
    where = " and ".join(f"{part} = {{}}" for part in column.key)
    return await execute(
        Sql(f"update {column.table} set {assigned} where {where}", *values.values(), *(row[part] for part in column.key))
    )


def _opened(column: SealedColumn, row: Record) -> str:
    return sealing.open_sealed(row["sealed"], column.table, column.name, row[column.bound_by])


def _rows_of(column: SealedColumn) -> Sql:
    chosen = ", ".join(dict.fromkeys((*column.key, column.bound_by)))
    return Sql(f"select {chosen}, {column.column} as sealed from {column.table} where {column.column} is not null")


def _key(column: SealedColumn) -> str:
    return ", ".join(column.key)


def _title(column: SealedColumn) -> str:
    return f"{column.table}.{column.column}"


def _called(column: SealedColumn, row: Record) -> str:
    return f"{_title(column)} of {', '.join(str(row[part]) for part in column.key)}"


async def _file_names() -> AsyncIterator[str]:
    last = ""
    while True:
        async with transaction(read_only=True):
            found = await fetch(
                "select storage_key from stored_file where storage_key > $1 order by storage_key limit $2", last, BATCH
            )
        for row in found:
            yield row["storage_key"]
        if len(found) < BATCH:
            return
        last = found[-1]["storage_key"]


async def _file_heads(broken: dict[str, None]) -> AsyncIterator[tuple[str, bytes]]:
    """The name and the first bytes of each stored file; one that cannot be read is put down as broken."""
    async for name in _file_names():
        try:
            head = await files.read_start(name, sealing.HEAD)
        except UserError as problem:
            broken[f"The file {name}: {problem}"] = None
        else:
            yield name, head


async def _seal_files(broken: dict[str, None]) -> int:
    total, waiting = 0, []
    async for name, head in _file_heads(broken):
        if head != sealing.head():
            waiting.append(name)
        if len(waiting) == BATCH:
            total += await _seal_batch(waiting, broken)
            waiting = []
    return total + await _seal_batch(waiting, broken)


async def _seal_batch(names: list[str], broken: dict[str, None]) -> int:
    count = 0
    for name in names:
        try:
            await files.seal_anew(name)
            count += 1
        except UserError as problem:
            broken[f"The file {name}: {problem}"] = None
    if count:
        async with acting(SYSTEM, "keys.rotated") as act:
            act.record("secret_key", None, after={"key": _first(), "files": count})
    return count
