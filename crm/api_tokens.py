"""API tokens: a person's own key for a program, which can do no more than that person can now.

A token carries 256 random bits behind `crm_`; the database keeps their SHA-256. Its rights are worked out anew
for each request: the owner's roles, cut down to what the token was made for.
"""

import secrets
from datetime import timedelta
from uuid import UUID

import msgspec

from crm.access import Actor, ActorKind, Permission, Role, may
from crm.database import execute, fetch_one
from crm.sessions import actor_of, hashed

PREFIX = "crm_"
# to estimate by the API keeps nothing, so a token that only reads may
READ = frozenset({Permission.SEE_DIRECTORY, Permission.SEE_CONTACTS, Permission.SEE_PIPELINE, Permission.ESTIMATE})
WRITE = READ | {Permission.EDIT_EMPLOYERS, Permission.WORK_PIPELINE}
LONGEST = timedelta(days=366)
_STATEWIDE = frozenset({Role.STATE_ADMIN, Role.STATE_ANALYST, Role.AUDITOR})


class FoundToken(msgspec.Struct, frozen=True):
    """A token in force. `stale` when its last use was noted more than a minute ago."""

    id: UUID
    actor: Actor
    stale: bool


def new_token() -> str:
    return PREFIX + secrets.token_urlsafe(32)


async def find(given: str) -> FoundToken | None:
    """The token in force, with what it may do now; None when it ended, was taken back, or its owner is disabled."""
    if not given.startswith(PREFIX):
        return None
    row = await fetch_one(
        "select id, account_id, name, may_write, board_ids, "
        "coalesce(last_used_at < now() - interval '1 minute', true) as stale from api_token "
        "where secret_hash = $1 and revoked_at is null and expires_at > now()",
        hashed(given),
    )
    owner = await actor_of(row["account_id"]) if row else None
    if row is None or owner is None or owner.kind is ActorKind.EMPLOYER:
        return None
    actor = limited(owner, name=row["name"], may_write=row["may_write"], board_ids=frozenset(row["board_ids"]))
    return FoundToken(row["id"], msgspec.structs.replace(actor, token_id=row["id"]), row["stale"])


def limited(owner: Actor, *, name: str, may_write: bool, board_ids: frozenset[UUID]) -> Actor:
    """The owner, cut down to what the token was made for."""
    permissions = frozenset(p for p in (WRITE if may_write else READ) if may(owner, p))
    cut = msgspec.structs.replace(
        owner, kind=ActorKind.TOKEN, name=f"{owner.name} ({name})", permissions=permissions, stepped_up=False
    )
    if not board_ids:
        return cut
    # a role that sees every board becomes one that sees the chosen ones
    statewide = bool(owner.roles & _STATEWIDE)
    roles = frozenset(Role.BOARD_STAFF if role in _STATEWIDE else role for role in owner.roles)
    boards = board_ids if statewide else board_ids & owner.board_ids
    return msgspec.structs.replace(cut, roles=roles, board_ids=boards, managed_board_ids=owner.managed_board_ids & boards)


async def touch(token_id: UUID) -> None:
    await execute("update api_token set last_used_at = now() where id = $1", token_id)
