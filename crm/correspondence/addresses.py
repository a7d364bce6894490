"""Dropbox addresses: one for all, and one of each person's own, by which the program knows who put a mail there."""

import base64
import os
from typing import NamedTuple
from uuid import UUID, uuid4

from crm import sealing, sessions
from crm.access import Actor, Permission, may, require
from crm.actions import acting
from crm.correspondence.tables import DROPBOX_SECRET
from crm.database import execute, fetch_one, fetch_value
from crm.settings import Settings


class Taker(NamedTuple):
    """Whom mail to an address is for; `shown` tells the address without anyone's secret."""

    shown: str
    account_id: UUID | None


async def taker_of(recipient: str, settings: Settings) -> Taker | None:
    """None for an address that is none of ours, is taken back, or whose person may not work here any more."""
    address = recipient.strip().lower()
    name, _at, domain = settings.mail_in_address.lower().partition("@")
    if address in (f"{name}@{domain}", settings.mail_from.lower()):  # what was not delivered comes back to the sender's
        return Taker(address, None)
    secret = address.removeprefix(f"{name}+").removesuffix(f"@{domain}")
    if address != f"{name}+{secret}@{domain}":
        return None
    account_id: UUID | None = await fetch_value(
        "select account_id from dropbox where secret_hash = any($1) and revoked_at is null", sealing.keyed_hashes(secret, DROPBOX_SECRET)
    )
    actor = await sessions.actor_of(account_id) if account_id else None
    if actor is None or not may(actor, Permission.WORK_PIPELINE):
        return None
    return Taker(f"{name}+…@{domain}", account_id)


async def own_address(actor: Actor, settings: Settings) -> str:
    """The person's own; empty where there is none yet, or the installation takes no mail in."""
    require(actor, Permission.WORK_PIPELINE)
    row = await fetch_one("select id, secret_sealed from dropbox where account_id = $1 and revoked_at is null", actor.account_id)
    if row is None or not settings.mail_in_address:
        return ""
    name, _at, domain = settings.mail_in_address.lower().partition("@")
    return f"{name}+{sealing.open_sealed(row['secret_sealed'], 'dropbox', 'secret', row['id'])}@{domain}"


async def renew(actor: Actor) -> None:
    """A new address of the person's own; mail to the one before is refused from now on."""
    require(actor, Permission.WORK_PIPELINE)
    dropbox_id, secret = uuid4(), base64.b32encode(os.urandom(12)).decode().lower().rstrip("=")
    async with acting(actor, "dropbox.renewed") as act:
        await execute("update dropbox set revoked_at = now() where account_id = $1 and revoked_at is null", actor.account_id)
        await execute(
            "insert into dropbox (id, account_id, secret_sealed, secret_hash) values ($1, $2, $3, $4)",
            dropbox_id, actor.account_id, sealing.seal(secret, "dropbox", "secret", dropbox_id), sealing.keyed_hash(secret, DROPBOX_SECRET),
        )  # fmt: skip
        act.record("dropbox", dropbox_id)
