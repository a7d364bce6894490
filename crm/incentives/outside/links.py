"""Links to a hire for someone without an account: to read its screening, or, for the person, to answer. For so many days, and they can be taken back.

The secret is kept as a hash alone.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from crm import sessions
from crm.access import Actor, load, visible
from crm.actions import Act, acting
from crm.database import Record, execute, fetch, fetch_one, fetch_value
from crm.errors import NotFound
from crm.incentives import hires, told
from crm.sql import Sql
from crm.translation import LANGUAGES, _, language


class Kind(Struct, frozen=True):
    """What a link is for: the table that keeps it, and the verb of who takes it back."""

    table: str
    ended: str


READS = Kind("screening_link", "screening.unshared")
ANSWERS = Kind("learner_link", "learner.unasked")


async def make(actor: Actor, hire_id: UUID, days: int, today: date) -> str:
    """A new secret to read by, shown once; what it opens speaks the language of whoever made it."""
    async with acting(actor, "screening.shared") as act:
        return await add(act, READS, await hires.own(actor, hire_id), days, today, language())


async def add(act: Act, kind: Kind, hire: Mapping[str, Any], days: int, today: date, speaks: str) -> str:
    """Within an action that holds the hire."""
    secret, until = sessions.secret(), today + timedelta(days=days)
    link_id = await fetch_value(
        f"insert into {kind.table} (hire_id, board_id, secret_hash, language, until, made_by) values ($1, $2, $3, $4, $5, $6) returning id",
        hire["id"], hire["board_id"], sessions.hashed(secret), speaks, until, act.actor.account_id,
    )  # fmt: skip
    act.record(kind.table, link_id, board_id=hire["board_id"], employer_id=hire["employer_id"], after={"until": until})
    return secret


async def revoke(actor: Actor, link_id: UUID, kind: Kind = READS) -> UUID:
    """The link opens nothing any more; the hire's id."""
    async with acting(actor, kind.ended) as act:
        link = await load(actor, kind.table, link_id)
        hire = await hires.own(actor, link["hire_id"])
        if await execute(f"update {kind.table} set revoked_at = now(), revoked_by = $2 where id = $1 and revoked_at is null", link_id, actor.account_id):
            act.record(kind.table, link_id, board_id=hire["board_id"], employer_id=hire["employer_id"])
        else:
            act.unchanged()
    return UUID(str(link["hire_id"]))


async def standing(actor: Actor, hire_id: UUID, today: date, kind: Kind = READS) -> list[Record]:
    """The links that open something today, newest first."""
    return await fetch(
        Sql(f"select l.id, l.until, l.made_at, a.name as by from {kind.table} l left join account a on a.id = l.made_by "
            "where l.hire_id = {} and l.revoked_at is null and l.until >= {} and {} order by l.made_at desc",
            hire_id, today, visible(actor, kind.table, "l"))  # fmt: skip
    )


def language_of(link: Mapping[str, Any], cookies: Mapping[str, str]) -> str:
    """The language that was chosen in the reader's browser, else that of the link."""
    chosen = cookies.get("crm-language", "")
    return chosen if chosen in LANGUAGES else str(link["language"])


async def opened(secret: str, today: date, kind: Kind = READS) -> tuple[Record, Record]:
    """The hire that a link opens, and the link. Raises `NotFound` alike for a link that never was, that ended, or that was taken back."""
    link = await fetch_one(f"select id, hire_id, language, until from {kind.table} where secret_hash = $1 and revoked_at is null and until >= $2",
                           sessions.hashed(secret), today)  # fmt: skip
    hire = await fetch_one(f"{told.HIRES} where h.id = $1 and h.archived_at is null", link["hire_id"]) if link else None
    if link is None or hire is None:
        raise NotFound(_("This link has ended, or it was taken back. Ask the board for a new one."))
    return hire, link
