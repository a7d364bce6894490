"""A sample of our mails to oneself, as its reader would get it."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from crm.access import Actor, Permission, load, require
from crm.actions import Act, acting
from crm.database import fetch, fetch_one
from crm.errors import Invalid
from crm.mail import queue_mail
from crm.outreach.audiences import more_values
from crm.outreach.letters import Reader, context_of, reader, way_out
from crm.outreach.rules import EXAMPLE
from crm.translation import _, ngettext


async def of_mailing(actor: Actor, mailing_id: UUID) -> int:
    """For the first who gets it, in their language; how many mails."""
    async with acting(actor, "mailing.sampled") as act:
        require(actor, Permission.WORK_PIPELINE)
        mailing = await load(actor, "mailing", mailing_id)
        first = await fetch_one("select * from mailing_recipient where mailing_id = $1 and state <> 'left_out' order by id limit 1", mailing_id)
        if first is None:
            raise Invalid(_("No one gets this mailing, so there is no sample."))
        who = await reader(mailing["board_id"], first["employer_id"], first["contact_id"], mailing["made_by"],
                           await more_values(mailing, first["language"], "…"))  # fmt: skip
        act.record("mailing", mailing_id, board_id=mailing["board_id"])
        return await _send(act, actor, [(mailing, first["language"])], who)


async def of_sequence(actor: Actor, sequence_id: UUID) -> int:
    """Each mail of it, in each language that it has; how many mails."""
    async with acting(actor, "sequence.sampled") as act:
        require(actor, Permission.WORK_PIPELINE)
        sequence = await load(actor, "sequence", sequence_id)
        steps = await fetch("select * from sequence_step where sequence_id = $1 and kind = 'email' and archived_at is null order by position, id", sequence_id)
        if not steps:
            raise Invalid(_("This sequence has no mail, so there is no sample."))
        board = await fetch_one("select coalesce(nullif(public_name, ''), name) as board, address from board where id = $1", actor.home_board)
        who = Reader(EXAMPLE | {"sender": actor.name} | ({"board": board["board"]} if board else {}), board["address"] if board else "", "")
        act.record("sequence", sequence_id, board_id=sequence["board_id"])
        return await _send(act, actor, [(step, language) for step in steps for language in ("en", "es") if step[f"body_{language}"]], who)


async def _send(act: Act, actor: Actor, mails: Sequence[tuple[Mapping[str, Any], str]], who: Reader) -> int:
    own = await fetch_one("select email from account where id = $1", actor.account_id)
    if own is None or not own["email"]:
        raise Invalid(_("There is no mail address."))
    for source, language in mails:
        spoken = "es" if language == "es" and source["body_es"] else "en"
        context = context_of(source, language, who, way_out("…"))
        await queue_mail(act, "mailing", to=own["email"], language=spoken, account_id=actor.account_id,
                         context=context | {"subject": _("Sample: %(subject)s") % {"subject": context["subject"]}})  # fmt: skip
    return len(mails)


def told(count: int) -> str:
    return ngettext("%(num)s sample is on its way to you.", "%(num)s samples are on their way to you.", count) % {"num": count}
