"""What no one can know a person decides: whether a mail arrived, of a mailing or of a sequence."""

from datetime import datetime
from uuid import UUID

from crm.access import Actor, load
from crm.actions import acting
from crm.database import execute
from crm.errors import Conflict
from crm.outreach import following
from crm.outreach.enrolments import own as own_enrolment
from crm.outreach.mailings import let_leave
from crm.outreach.mailings import own as own_mailing
from crm.translation import _


async def decide(actor: Actor, recipient_id: UUID, decision: str, now: datetime) -> str:
    """Write again, at the risk of twice, or leave it; the address of what it belongs to."""
    async with acting(actor, "mailing.decided") as act:
        recipient = await load(actor, "mailing_recipient", recipient_id, for_update=True)
        again, of_sequence = decision == "again", recipient["enrolment_id"] is not None
        whose = await (own_enrolment(actor, recipient["enrolment_id"]) if of_sequence else own_mailing(actor, recipient["mailing_id"]))
        if recipient["state"] != "uncertain":
            raise Conflict(_("This was decided already."))
        if of_sequence and again and whose["state"] not in ("active", "paused"):
            raise Conflict(_("The sequence has ended for this person. Write to them yourself, or let it go on first."))
        state = "queued" if again else "sent"
        await execute("update mailing_recipient set state = $2, reason = $3, tries = 0 where id = $1", recipient_id, state,
                      "" if again else _("Uncertain; left as it is by a person."))  # fmt: skip
        act.record("mailing_recipient", recipient_id, board_id=recipient["board_id"], employer_id=recipient["employer_id"],
                   before={"state": "uncertain"}, after={"state": state})  # fmt: skip
        if of_sequence:
            if again:
                await execute("update enrolment set due_at = $2 where id = $1", whose["id"], now)
            elif whose["state"] in ("active", "paused"):
                await following.advance(act, whose, now)
            sequence = await load(actor, "sequence", whose["sequence_id"])
            await following.let_go_on(act, sequence, whose["board_id"])
            return f"/sequences/{sequence['id']}"
        if again and whose["state"] in ("done", "sending"):
            await execute("update mailing set state = 'sending', ended_at = null where id = $1", whose["id"])
            await let_leave(act, whose)
    return f"/mailings/{whose['id']}?show=uncertain"
