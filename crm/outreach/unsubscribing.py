"""The way out of every mailing: by one press in the mail program (RFC 8058), or by a page that asks nothing first."""

from uuid import UUID

from crm.access import SYSTEM
from crm.actions import acting
from crm.database import Record, execute, fetch_one
from crm.errors import NotFound
from crm.outreach.letters import hashed
from crm.translation import _


async def whose(token: str) -> Record:
    """The mail that the link stands in. Raises `NotFound` alike for any that is none of ours."""
    found = await fetch_one(
        "select r.id, r.contact_id, r.email, r.language, r.board_id, coalesce(nullif(b.public_name, ''), b.name) as board "
        "from mailing_recipient r join board b on b.id = r.board_id where r.token_hashes @> array[$1::bytea]",
        hashed(token),
    )
    if found is None:
        raise NotFound(_("This link is not one of ours, or is damaged. Answer the mail instead, and say that you want no more."))
    return found


async def wish(token: str, wanted: str, words: str) -> Record:
    """Keep what the reader wants: nothing from this board, nothing from anyone, or mail again after all."""
    async with acting(SYSTEM, "consent.refused" if wanted != "again" else "consent.given") as act:
        mail = await whose(token)
        if wanted == "board":
            await _stop(mail["contact_id"], mail["board_id"], words)
        else:
            await execute(
                "insert into consent (contact_id, channel, purpose, given, how, words, board_id) values ($1, 'email', 'outreach', $2, 'link', $3, $4)",
                mail["contact_id"], wanted == "again", words, mail["board_id"],
            )  # fmt: skip
        if wanted == "again":
            await execute(
                "update contact_stop set lifted_at = now() where contact_id = $1 and lifted_at is null and channel = 'email' "
                "and board_id = $2 and made_by is null", mail["contact_id"], mail["board_id"],
            )  # fmt: skip
        act.record("contact", mail["contact_id"], board_id=mail["board_id"], after={"wish": wanted})
        if wanted != "again":
            act.event("contact_stopped", contact_id=mail["contact_id"], employer_id=None)
    return mail


async def _stop(contact_id: UUID, board_id: UUID, words: str) -> None:
    await execute(
        "insert into contact_stop (contact_id, channel, board_id, reason) select $1, 'email', $2, $3 where not exists "
        "(select from contact_stop where contact_id = $1 and channel = 'email' and board_id = $2 and lifted_at is null)",
        contact_id, board_id, words,
    )  # fmt: skip
