"""What a mail system's report changes: the mail that came back, the address that does not take mail, the person who complained.

A report is believed where it names the Message-ID of a mail of ours, which no one knows but who handled that mail.
"""

from typing import Any
from uuid import UUID

from crm.access import SYSTEM
from crm.actions import Act
from crm.contacts import consent
from crm.contacts.forms import ConsentForm
from crm.contacts.reachability import mark
from crm.correspondence.messages import Outcome, Report
from crm.correspondence.rules import came_back, is_lasting
from crm.correspondence.sent import sent
from crm.database import Record, execute
from crm.translation import _


async def apply(act: Act, email_id: UUID, report: Report) -> tuple[str, dict[str, Any], UUID | None]:
    """The reason with its values for the ledger, and the board whose mail it was."""
    mail = next(iter(await sent([report.message_id])), None)
    if mail is None:
        return "report_unknown", {}, None
    if report.kind == "complaint":
        return await _complaint(act, email_id, mail)
    outcome = next((each for each in report.outcomes if is_lasting(each)), next((each for each in report.outcomes if came_back(each)), None))
    if outcome is None:
        return "report_delayed", {"address": mail["address"]}, mail["board_id"]
    said = " ".join(part for part in (outcome.status, _plain(outcome)) if part) or _("It gives no reason.")
    lasting = is_lasting(outcome)
    await mark(act, mail["address"], "bounce", lasting=lasting, reason=said, email_id=email_id)
    await _settle(act, mail, "bounced", said)
    return "bounced" if lasting else "bounced_for_now", {"address": mail["address"], "said": said}, mail["board_id"]


def _plain(outcome: Outcome) -> str:
    return outcome.said.partition(";")[2].strip() or outcome.said


async def _complaint(act: Act, email_id: UUID, mail: Record) -> tuple[str, dict[str, Any], UUID | None]:
    words = _("Reported our mail as unwanted to their mail provider.")
    await mark(act, mail["address"], "complaint", lasting=True, reason=words, email_id=email_id)
    if mail["contact_id"] is not None:
        await consent.record(SYSTEM, mail["contact_id"], ConsentForm(given="no", channel="email", how="written", words=words))
    return "complained", {"address": mail["address"]}, mail["board_id"]


async def _settle(act: Act, mail: Record, state: str, reason: str) -> None:
    changed = mail["recipient_id"] and await execute(
        "update mailing_recipient set state = $2, reason = $3 where id = $1 and state in ('sent', 'sending', 'uncertain', 'queued')",
        mail["recipient_id"], state, reason[:400],
    )  # fmt: skip
    if changed:
        act.record("mailing_recipient", mail["recipient_id"], board_id=mail["board_id"], employer_id=mail["employer_id"], after={"state": state})
