"""Keep a message before anything else: its bytes, its line in the ledger and the work on it, in one transaction.

Only then is it acknowledged to whoever brought it. Brought again, the same bytes are kept once.
"""

import asyncio
import hashlib
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from crm import files
from crm.access import SYSTEM
from crm.actions import Act, acting
from crm.database import execute, fetch_one, fetch_value, transaction
from crm.translation import lazy_
from crm.worded import worded


class Arrival(Struct, frozen=True, kw_only=True):
    """A message as it was brought: by the door for an address, or by a mailbox under a number."""

    mailbox_id: UUID
    body: bytes
    received_at: datetime
    recipient: str = ""
    account_id: UUID | None = None
    uid: int | None = None
    uid_validity: int | None = None


async def keep(arrival: Arrival) -> UUID | None:
    """The message's id; None when it was kept before. Raises `Unavailable`, and then nothing is kept."""
    digest = await asyncio.to_thread(lambda: hashlib.sha256(arrival.body).digest())
    async with transaction(read_only=True):
        known = await fetch_value(
            "select id from email where mailbox_id = $1 and sha256 = $2 and recipient = $3 and account_id is not distinct from $4",
            arrival.mailbox_id, digest, arrival.recipient, arrival.account_id,
        )  # fmt: skip
    stored = None if known else await files.put(arrival.body, "eml")
    async with acting(SYSTEM, "email.kept") as act:
        act.unchanged()
        if not await _moves_on(arrival):
            return None
        if stored is None:
            return None
        kept: UUID | None = await _row(arrival, digest, len(arrival.body))
        if kept is not None:
            file_id = await files.keep(stored, f"{kept}.eml", "email")
            await execute("update email set file_id = $2 where id = $1", kept, file_id)
            if arrival.account_id is not None:
                await execute("insert into email_reader (email_id, account_id, how) values ($1, $2, 'got')", kept, arrival.account_id)
            await enqueue(act, kept)
            act.record("email", kept, after={"mailbox_id": arrival.mailbox_id, "size": len(arrival.body)})
    if kept is None:
        await files.delete(stored.key)  # another process kept it meanwhile
    return kept


async def pass_by(arrival: Arrival, size: int, *, reason: str) -> None:
    """A message that is not taken, as one too large: a line in the ledger says so, and the mailbox's number moves on."""
    digest = hashlib.sha256(f"{arrival.uid_validity}:{arrival.uid}".encode()).digest()
    async with acting(SYSTEM, "email.passed_by") as act:
        act.unchanged()
        if await _moves_on(arrival) and (passed := await _row(arrival, digest, size)):
            await execute("update email set state = 'skipped', reason = $2, decided_at = now() where id = $1", passed, reason)
            act.record("email", passed, after={"reason": reason, "size": size})


async def enqueue(act: Act, email_id: UUID) -> None:
    await act.enqueue("correspondence.file", {"email_id": str(email_id)}, title=worded(lazy_("Mail that came in")), key=f"email:{email_id}")


async def _row(arrival: Arrival, digest: bytes, size: int) -> UUID | None:
    kept: UUID | None = await fetch_value(
        "insert into email (mailbox_id, uid, recipient, account_id, sha256, size, received_at) values ($1, $2, $3, $4, $5, $6, least($7, now())) "
        "on conflict (mailbox_id, sha256, recipient, account_id) do nothing returning id",
        arrival.mailbox_id, arrival.uid, arrival.recipient, arrival.account_id, digest, size, arrival.received_at,
    )  # fmt: skip
    return kept


async def _moves_on(arrival: Arrival) -> bool:
    """Hold the mailbox and take its next number; False when another process was there already. A door has no numbers."""
    if arrival.uid is None:
        return True
    row = await fetch_one("select uid_validity, last_uid from mailbox where id = $1 for update", arrival.mailbox_id)
    assert row is not None
    if row["uid_validity"] != arrival.uid_validity or row["last_uid"] >= arrival.uid:
        return False
    await execute("update mailbox set last_uid = $2 where id = $1", arrival.mailbox_id, arrival.uid)
    return True
