"""What a person agreed to or refused: a ledger that is only added to. The newest line counts."""

from uuid import UUID

from crm.access import Actor, Permission, load, require
from crm.actions import acting
from crm.contacts.forms import ConsentForm
from crm.database import Record, fetch, fetch_value


async def record(actor: Actor, contact_id: UUID, form: ConsentForm) -> UUID:
    """Keep a yes or a no with the words that were said or shown, and how it came."""
    require(actor, Permission.EDIT_EMPLOYERS)
    async with acting(actor, "consent.given" if form.given == "yes" else "consent.refused") as act:
        await load(actor, "contact", contact_id)
        line: UUID = await fetch_value(
            "insert into consent (contact_id, channel, purpose, given, how, words, recorded_by, board_id) "
            "values ($1, $2, $3, $4, $5, $6, $7, $8) returning id",
            contact_id, form.channel, form.purpose, form.given == "yes", form.how, form.words, actor.account_id, actor.home_board,
        )  # fmt: skip
        act.record("contact", contact_id, board_id=actor.home_board, after={"channel": form.channel, "purpose": form.purpose, "given": form.given})
    return line


async def ledger(contact_ids: list[UUID]) -> dict[UUID, list[Record]]:
    """Every line of these people, newest first."""
    found: dict[UUID, list[Record]] = {}
    for row in await fetch(
        "select l.*, a.name as by from consent l left join account a on a.id = l.recorded_by where l.contact_id = any($1) "
        "order by l.at desc, l.id desc limit 500", contact_ids,
    ):  # fmt: skip
        found.setdefault(row["contact_id"], []).append(row)
    return found
