"""A creation that may be sent again: its key is written in the transaction that creates."""

import hashlib
from collections.abc import Awaitable, Callable
from uuid import UUID

from crm.access import Actor
from crm.database import execute, fetch_one, fetch_value, transaction
from crm.errors import Invalid
from crm.translation import _
from crm.web import AnyRequest

LONGEST_KEY = 200


async def once(request: AnyRequest, actor: Actor, create: Callable[[], Awaitable[UUID]]) -> tuple[UUID, bool]:
    """The id of what was created, and whether that was an earlier request with the same Idempotency-Key.

    A second request waits for the first to commit; when the first failed, the second creates.
    """
    key = request.headers.get("idempotency-key", "").strip()
    if not key:
        return await create(), False
    if len(key) > LONGEST_KEY:
        raise Invalid(_("An Idempotency-Key has 200 characters at most."))
    digest = hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + await request.body()).digest()
    async with transaction(actor.login, session_secret=actor.session_secret):
        await execute(
            "delete from api_creation where account_id = $1 and made_at < now() - interval '1 day'", actor.account_id
        )
        ours = await fetch_value(
            "insert into api_creation (account_id, key, request_hash) values ($1, $2, $3) on conflict do nothing returning true",
            actor.account_id, key, digest,
        )  # fmt: skip
        if not ours:
            return await _earlier(actor, key, digest), True
        made = await create()
        await execute("update api_creation set made_id = $3 where account_id = $1 and key = $2", actor.account_id, key, made)
    return made, False


async def _earlier(actor: Actor, key: str, digest: bytes) -> UUID:
    row = await fetch_one(
        "select request_hash, made_id from api_creation where account_id = $1 and key = $2", actor.account_id, key
    )
    if row is None or row["request_hash"] != digest:
        raise Invalid(_("This Idempotency-Key belongs to another request. Choose a new one for each thing that you create."))
    return UUID(str(row["made_id"]))
