"""Let mails leave one after the other, each marked as being sent before the mail server hears of it.

What was being sent when a worker died is uncertain and waits for a person; no one is written to twice. Where the mails come
from, a mailing or the steps of a sequence, their source knows. A mail takes two transactions: its turn, and what became of it.
"""

import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any, Protocol
from uuid import UUID

from msgspec import Struct

from crm.access import SYSTEM
from crm.actions import Act, acting
from crm.database import Record, execute
from crm.errors import Unavailable
from crm.mail import connection, current_settings
from crm.outreach.letters import compose, reader, way_out, written
from crm.outreach.rules import is_open, next_opening
from crm.smtp import Delivery
from crm.translation import _
from crm.work import RunningJob

MOST_TRIES = 3  # of one person, where the server says to come back later
IN_A_ROW = 3  # then the server is away, and the job waits

# what a claim sets; the address of our own place in the number of the message is $2, the hash of its way out $3
CLAIMED = ("state = 'sending', tries = tries + 1, token_hashes = token_hashes || $3::bytea, "
           "message_id = case when message_id = '' then '<' || id || '@' || $2 || '>' else message_id end")  # fmt: skip


class Turn(Struct, frozen=True):
    """What one look at a source brought: a mail to send now, or nothing but what is settled already."""

    recipient: Record | None = None
    message: EmailMessage | None = None
    writer: UUID | None = None


class Source(Protocol):
    """Where mails come from. Each method runs inside an action."""

    url: str

    async def give_up(self, act: Act, reason: str) -> None:
        """What an attempt before this one left in the middle is uncertain."""

    async def turn(self, act: Act, now: datetime) -> Turn | None:
        """The next, now marked as being sent; None when no one is left or it is held."""

    async def settled(self, act: Act, recipient: Record, delivery: Delivery, now: datetime) -> None:
        """What follows for the person from what became of their mail."""

    async def go_on(self, act: Act, opening: datetime) -> None:
        """Where someone is left, add the work that goes on then."""

    async def end(self, act: Act, now: datetime) -> None:
        """No one is left for now."""


def clock() -> datetime:
    return datetime.now(UTC)


def home() -> str:
    """Our own place, for the numbers of messages."""
    return current_settings().mail_from.rpartition("@")[2] or "localhost"


def new_token() -> str:
    return secrets.token_urlsafe(24)


def mail_is_not_set_up() -> str:
    return _("No mail leaves here: the setting CRM_SMTP_URL names no mail server. Ask whoever runs this installation to set it, then start again.")


def no_address() -> str:
    return _("The law asks that each commercial mail hold its sender's postal address (15 U.S.C. 7704(a)(5)(A)(iii)), and your board's "
             "is not known. Add it on the board's page first.")  # fmt: skip


async def turn_of(recipient: Record, source: Mapping[str, Any], token: str, *, writer: UUID | None, date: datetime,
                  more: Mapping[str, str] | None = None) -> Turn:  # fmt: skip
    """The mail of a recipient that was claimed. Raises `Unavailable` where no mail server is set up: then all wait as they were."""
    if not current_settings().smtp_url:
        raise Unavailable(mail_is_not_set_up())
    who = await reader(recipient["board_id"], recipient["employer_id"], recipient["contact_id"], writer, more)
    out = way_out(token)
    mail = written(source, recipient["language"], who, out)
    return Turn(recipient, compose(mail, who, to=recipient["email"], out=out, message_id=recipient["message_id"], date=date), writer)


async def leave(job: RunningJob, source: Source, now: Callable[[], datetime]) -> dict[str, Any]:
    """Until no one is left, it is held, or the day ends: then it goes on the next working morning by itself."""
    settings, again, done = current_settings(), 0, 0
    async with job.acting("mail.uncertain") as act:
        act.unchanged()
        await source.give_up(act, _("The worker stopped while it was being sent; it may have arrived."))
    while True:
        if not is_open(now(), settings.time_zone):
            async with job.acting("mail.waits", ends=True) as act:
                act.unchanged()
                await source.go_on(act, next_opening(now(), settings.time_zone))
            return {"url": source.url}
        turn, delivery = await _take_turn(job, source, now())
        if turn is None:
            break
        if delivery is not None:
            await _settle(source, turn, delivery, now())
            again = again + 1 if delivery.state == "again" else 0
            if again >= IN_A_ROW:
                raise Unavailable(delivery.reason)
        done += 1
        if done % 20 == 0:
            await job.progress(done)
    async with job.acting("mail.ended", ends=True) as act:
        act.unchanged()
        await source.end(act, now())
    return {"url": source.url}


async def _take_turn(job: RunningJob, source: Source, now: datetime) -> tuple[Turn | None, Delivery | None]:
    """The next, and what the mail server said where a mail was to leave."""
    async with connection() as server:
        async with job.acting("mail.claimed") as act:
            act.unchanged()
            turn = await source.turn(act, now)
        if turn is None or turn.message is None or turn.recipient is None:
            return turn, None
        return turn, await server.deliver(turn.message, sender=current_settings().mail_from, to=turn.recipient["email"])


async def _settle(source: Source, turn: Turn, delivery: Delivery, now: datetime) -> None:
    """What became of it, and the line on the employer's timeline. Written whoever holds the job: it happened."""
    recipient, message = turn.recipient, turn.message
    assert recipient is not None and message is not None
    if delivery.state == "again" and recipient["tries"] >= MOST_TRIES:
        delivery = Delivery("failed", delivery.reason)
    state = "queued" if delivery.state == "again" else delivery.state
    async with acting(SYSTEM, f"mail.{state}") as act:
        changed = await execute(
            "update mailing_recipient set state = $2, reason = $3, sent_at = case when $2 = 'sent' then now() end where id = $1 "
            "and state in ('sending', 'uncertain')", recipient["id"], state, delivery.reason,
        )  # fmt: skip
        if not changed:
            act.unchanged()
            return
        if state == "sent":
            await execute(
                "insert into activity (employer_id, board_id, contact_id, engagement_id, kind, direction, summary, body, logged_by) "
                "values ($1, $2, $3, (select id from engagement where employer_id = $1 and board_id = $2 and archived_at is null "
                "order by updated_at desc limit 1), 'email', 'out', $4, '', $5)",
                recipient["employer_id"], recipient["board_id"], recipient["contact_id"], str(message["Subject"])[:200], turn.writer,
            )  # fmt: skip
        await source.settled(act, recipient, delivery, now)
        act.record("mailing_recipient", recipient["id"], board_id=recipient["board_id"], employer_id=recipient["employer_id"], after={"state": state})
