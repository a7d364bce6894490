"""Where mail comes in, and how it went there the last time."""

from collections.abc import Sequence
from uuid import UUID

from crm.access import SYSTEM
from crm.actions import acting
from crm.database import Record, execute, fetch_one, fetch_value, transaction

DOOR = "dropbox"


async def door_id() -> UUID:
    return await _named("door", DOOR)


async def mailbox_id(name: str) -> UUID:
    return await _named("imap", name)


async def _named(kind: str, name: str) -> UUID:
    async with transaction():
        found: UUID | None = await fetch_value("select id from mailbox where name = $1 and retired_at is null", name)
        if found is not None:
            return found
    async with acting(SYSTEM, "mailbox.set_up") as act:
        made: UUID = await fetch_value(
            "insert into mailbox (kind, name) values ($1, $2) on conflict (name) do update set retired_at = null returning id", kind, name
        )
        act.record("mailbox", made, after={"kind": kind})
    return made


async def retire_others(names: Sequence[str]) -> None:
    """Those that are no longer in the settings: their ledger stays, and no one waits for them."""
    async with acting(SYSTEM, "mailbox.retired") as act:
        gone = await execute("update mailbox set retired_at = now() where kind = 'imap' and retired_at is null and not name = any($1)", list(names))
        if gone:
            act.record("mailbox", None, after={"retired": gone})
        else:
            act.unchanged()


async def begin(mailbox: UUID, uid_validity: int, there: int) -> Record:
    """Where to go on. A server that counts anew (UIDVALIDITY) is read from the start; what is kept already is known by its bytes."""
    async with transaction():
        row = await fetch_one(
            "update mailbox set there = $3, last_uid = case when uid_validity = $2 then last_uid else 0 end, uid_validity = $2 "
            "where id = $1 returning *", mailbox, uid_validity, there,
        )  # fmt: skip
    assert row is not None
    return row


async def looked(mailbox: UUID, problem: str) -> None:
    """How a look into it ended; an empty problem is a good end."""
    async with transaction():
        await execute(
            "update mailbox set run_at = now(), problem = $2, good_at = case when $2 = '' then now() else good_at end where id = $1",
            mailbox, problem[:400],
        )  # fmt: skip
