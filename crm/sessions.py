"""Session rows and one-time links. A secret is 256 random bits; the database keeps only its SHA-256.

A session is found by its secret alone, so a cookie chosen by a stranger opens nothing and one that was signed
out cannot be revived. A link is shown by GET and consumed by POST, in one UPDATE, once.
"""

import hashlib
import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from crm.access import Actor, ActorKind, Role
from crm.database import Record, execute, fetch, fetch_one, fetch_value

# NIST SP 800-63B: idle and overall limits; the portal opens less and so may idle longer
IDLE = {"staff": timedelta(minutes=30), "partner": timedelta(minutes=30), "employer": timedelta(minutes=60)}
LONGEST = timedelta(hours=12)
STEP_UP = timedelta(minutes=10)
SIGN_IN_LINK = timedelta(minutes=10)
INVITATION_LINK = timedelta(days=7)
CODE_TRIES = 5
_KINDS = {"staff": ActorKind.STAFF, "employer": ActorKind.EMPLOYER, "partner": ActorKind.PARTNER}

_ACTOR = """
select a.id, a.name, a.kind, a.language, a.density,
       coalesce(array_agg(distinct g.role) filter (where g.role is not null), '{}') as roles,
       coalesce(array_agg(distinct coalesce(g.board_id, p.board_id))
                filter (where coalesce(g.board_id, p.board_id) is not null), '{}') as boards,
       coalesce(array_agg(distinct g.board_id) filter (where g.role = 'board_manager'), '{}') as managed,
       coalesce(array_agg(distinct g.employer_id) filter (where g.employer_id is not null), '{}') as employers,
       (array_agg(g.partner_id) filter (where g.partner_id is not null))[1] as partner_id
  from account a
  left join role_grant g on g.account_id = a.id and g.revoked_at is null
  left join partner p on p.id = g.partner_id
 where a.id = $1 and a.disabled_at is null
 group by a.id
"""
_FOUND = f"""
select s.id as session_id, s.account_id, s.complete, s.last_seen_at < now() - interval '1 minute' as stale,
       s.stepped_up_at > now() - $2::interval as stepped_up, person.*
  from session s
 cross join lateral ({_ACTOR.replace("$1", "s.account_id")}) person
 where s.secret_hash = $1 and s.revoked_at is null and s.expires_at > now()
   and s.last_seen_at > now() - case person.kind when 'employer' then $3::interval else $4::interval end
"""


def secret() -> str:
    return secrets.token_urlsafe(32)


def hashed(value: str) -> bytes:
    return hashlib.sha256(value.encode()).digest()


class FoundSession(msgspec.Struct, frozen=True):
    """A live session. `actor` is None while the second factor is still missing."""

    session_id: UUID
    account_id: UUID
    actor: Actor | None
    stale: bool


async def actor_of(account_id: UUID) -> Actor | None:
    """The person with the rights they hold now; None when they were disabled."""
    row = await fetch_one(_ACTOR, account_id)
    return _actor(row) if row else None


def _actor(row: Record, **more: Any) -> Actor:
    return Actor(
        kind=_KINDS[row["kind"]], name=row["name"], account_id=row["id"], language=row["language"],
        density=row["density"], roles=frozenset(Role(role) for role in row["roles"]),
        board_ids=frozenset(row["boards"]), managed_board_ids=frozenset(row["managed"]),
        employer_ids=frozenset(row["employers"]), partner_id=row["partner_id"], **more,
    )  # fmt: skip


async def find(session_secret: str) -> FoundSession | None:
    """The live session of this secret, with the person's rights as they are now."""
    row = await fetch_one(_FOUND, hashed(session_secret), STEP_UP, IDLE["employer"], IDLE["staff"])
    if row is None:
        return None
    actor = None
    if row["complete"]:
        actor = _actor(row, session_id=row["session_id"], session_secret=session_secret, stepped_up=bool(row["stepped_up"]))
    return FoundSession(row["session_id"], row["account_id"], actor, row["stale"])


async def touch(session_id: UUID) -> None:
    await execute("update session set last_seen_at = now() where id = $1", session_id)


async def open_session(
    account_id: UUID, method: str, *, complete: bool, stepped_up: bool = False, user_agent: str = "", address: str = ""
) -> str:
    """A new session inside the open transaction; its secret, for the cookie."""
    session_secret = secret()
    await execute(
        "insert into session (secret_hash, account_id, method, complete, stepped_up_at, user_agent, address, "
        "expires_at) values ($1, $2, $3, $4, case when $5 then now() end, $6, $7, now() + $8::interval)",
        hashed(session_secret), account_id, method, complete, stepped_up, user_agent[:300], address[:64], LONGEST,
    )  # fmt: skip
    if complete:
        await execute("update account set last_signed_in_at = now() where id = $1", account_id)
    return session_secret


async def renew(session_id: UUID, *, complete: bool = True, stepped_up: bool = False) -> str:
    """A new secret for the session (second factor given, step-up, role change); the old one is dead."""
    session_secret = secret()
    await execute(
        "update session set secret_hash = $2, complete = complete or $3, last_seen_at = now(), "
        "stepped_up_at = case when $4 then now() else stepped_up_at end where id = $1 and revoked_at is null",
        session_id, hashed(session_secret), complete, stepped_up,
    )  # fmt: skip
    return session_secret


async def close(session_id: UUID) -> None:
    await execute("update session set revoked_at = now() where id = $1 and revoked_at is null", session_id)


async def close_all(account_id: UUID, *, but: UUID | None = None) -> int:
    return await execute(
        "update session set revoked_at = now() where account_id = $1 and revoked_at is null and id is distinct from $2",
        account_id, but,
    )  # fmt: skip


async def listed(account_id: UUID) -> list[Record]:
    """The person's live sessions, newest first."""
    return await fetch(
        "select id, method, user_agent, address, created_at, last_seen_at from session "
        "where account_id = $1 and revoked_at is null and expires_at > now() order by last_seen_at desc",
        account_id,
    )


class Link(msgspec.Struct, frozen=True):
    """A link that was just made: the token for the address, and a short code for typing on another device."""

    id: UUID
    token: str
    code: str


async def make_link(
    purpose: str, account_id: UUID | None, lifetime: timedelta, *, browser_hash: bytes | None = None
) -> Link:
    """A one-time link inside the open transaction; older ones of the same purpose, person and browser end."""
    token, code = secret(), f"{secrets.randbelow(10**8):08d}"
    await execute(
        "update link_token set revoked_at = now() where purpose = $1 and account_id is not distinct from $2 "
        "and browser_hash is not distinct from $3 and used_at is null and revoked_at is null",
        purpose, account_id, browser_hash,
    )  # fmt: skip
    link_id = await fetch_value(
        "insert into link_token (secret_hash, code_hash, browser_hash, purpose, account_id, expires_at) "
        "values ($1, $2, $3, $4, $5, now() + $6::interval) returning id",
        hashed(token), hashed(code), browser_hash, purpose, account_id, lifetime,
    )  # fmt: skip
    return Link(link_id, token, code)


async def look_at_link(token: str, purpose: str) -> Record | None:
    """The link, unused and in time, without consuming it."""
    return await fetch_one(
        "select id, account_id, expires_at, browser_hash from link_token where secret_hash = $1 and purpose = $2 "
        "and used_at is null and revoked_at is null and expires_at > now()",
        hashed(token), purpose,
    )  # fmt: skip


async def use_link(token: str, purpose: str, *, browser_secret: str | None = None) -> Record | None:
    """Consume the link; None when it was used, revoked, out of time, or asked for by another browser."""
    return await fetch_one(
        "update link_token set used_at = now() where secret_hash = $1 and purpose = $2 and used_at is null "
        "and revoked_at is null and expires_at > now() and (browser_hash is null or browser_hash = $3) "
        "returning id, account_id",
        hashed(token), purpose, hashed(browser_secret) if browser_secret else None,
    )  # fmt: skip


async def use_code(account_id: UUID, purpose: str, code: str) -> bool:
    """Consume a link by its short code. Each wrong try counts against all that are open; after five a code is dead."""
    tried = await fetch(
        "update link_token set code_tries = code_tries + 1, "
        "used_at = case when code_hash = $3 then now() end where account_id = $1 and purpose = $2 "
        "and used_at is null and revoked_at is null and expires_at > now() and code_tries < $4 returning used_at",
        account_id, purpose, hashed(code.strip().replace(" ", "")), CODE_TRIES,
    )  # fmt: skip
    return any(row["used_at"] for row in tried)


async def revoke_links(account_id: UUID) -> None:
    """End every open link of a person."""
    await execute(
        "update link_token set revoked_at = now() where account_id = $1 and used_at is null and revoked_at is null",
        account_id,
    )
