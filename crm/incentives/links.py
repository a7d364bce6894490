"""A screening shown to someone without an account: a link for so many days, which can be taken back. Its secret is kept as a hash alone."""

from datetime import date, timedelta
from uuid import UUID

from crm import sessions
from crm.access import Actor, load, visible
from crm.actions import acting
from crm.database import Record, execute, fetch, fetch_one, fetch_value
from crm.errors import NotFound
from crm.incentives import hires, told
from crm.sql import Sql
from crm.translation import _, language


async def make(actor: Actor, hire_id: UUID, days: int, today: date) -> str:
    """A new secret, shown once; what it opens speaks the language of whoever made it."""
    secret = sessions.secret()
    async with acting(actor, "screening.shared") as act:
        hire = await hires.own(actor, hire_id)
        until = today + timedelta(days=days)
        link_id = await fetch_value(
            "insert into screening_link (hire_id, board_id, secret_hash, language, until, made_by) values ($1, $2, $3, $4, $5, $6) returning id",
            hire_id, hire["board_id"], sessions.hashed(secret), language(), until, actor.account_id,
        )  # fmt: skip
        act.record("screening_link", link_id, board_id=hire["board_id"], employer_id=hire["employer_id"], after={"until": until})
    return secret


async def revoke(actor: Actor, link_id: UUID) -> UUID:
    """The link opens nothing any more; the hire's id."""
    async with acting(actor, "screening.unshared") as act:
        link = await load(actor, "screening_link", link_id)
        hire = await hires.own(actor, link["hire_id"])
        if await execute("update screening_link set revoked_at = now(), revoked_by = $2 where id = $1 and revoked_at is null", link_id, actor.account_id):
            act.record("screening_link", link_id, board_id=hire["board_id"], employer_id=hire["employer_id"])
        else:
            act.unchanged()
    return UUID(str(link["hire_id"]))


async def standing(actor: Actor, hire_id: UUID, today: date) -> list[Record]:
    """The links that open something today, newest first."""
    return await fetch(
        Sql("select l.id, l.until, l.made_at, a.name as by from screening_link l left join account a on a.id = l.made_by "
            "where l.hire_id = {} and l.revoked_at is null and l.until >= {} and {} order by l.made_at desc",
            hire_id, today, visible(actor, "screening_link", "l"))  # fmt: skip
    )


async def opened(secret: str, today: date) -> tuple[Record, str]:
    """The hire that a link shows, and its language. Raises `NotFound` alike for a link that never was, that ended, or that was taken back."""
    link = await fetch_one("select hire_id, language from screening_link where secret_hash = $1 and revoked_at is null and until >= $2",
                           sessions.hashed(secret), today)  # fmt: skip
    hire = await fetch_one(f"{told.HIRES} where h.id = $1 and h.archived_at is null", link["hire_id"]) if link else None
    if link is None or hire is None:
        raise NotFound(_("This link has ended, or it was taken back. Ask the board for a new one."))
    return hire, link["language"]

