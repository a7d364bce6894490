"""Send a mailing: one mail after the other, each marked as being sent before the mail server hears of it.

What was being sent when a worker died is uncertain and waits for a person; no one is written to twice.
"""

import hashlib
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crm.access import SYSTEM
from crm.actions import acting
from crm.database import Record, execute, fetch_one, transaction
from crm.errors import Unavailable
from crm.mail import current_settings
from crm.outreach.letters import values_of, words, written
from crm.outreach.mailings import let_leave, mail_is_not_set_up
from crm.outreach.preparing import left_out_now
from crm.outreach.rules import filled, is_open, next_opening
from crm.smtp import Delivery, deliver, sender
from crm.translation import _
from crm.work import Job, RunningJob

MOST_TRIES = 3  # of one person, where the server says to come back later
IN_A_ROW = 3  # then the server is away, and the job waits


def _now() -> datetime:
    return datetime.now(UTC)


async def send(job: RunningJob, *, mailing_id: str, now: Callable[[], datetime] = _now) -> dict[str, Any]:
    """Until no one is left, it is paused or stopped, or the day ends: then it goes on the next morning by itself."""
    mailing, settings, again, done = UUID(mailing_id), current_settings(), 0, 0
    await _give_up_what_was_open(job, mailing)
    if not settings.smtp_url:
        raise Unavailable(mail_is_not_set_up())  # it was set up when this started: no one has failed, all wait
    while True:
        if not is_open(now(), settings.time_zone):
            return await _go_on_later(job, mailing, next_opening(now(), settings.time_zone))
        claimed = await _claim(job, mailing)
        if claimed is None:
            break
        row, recipient = claimed
        if reason := await left_out_now(row, recipient, budget=settings.contact_budget, today=now().astimezone(ZoneInfo(settings.time_zone)).date()):
            await _settle(job, row, recipient, Delivery("failed"), left_out=reason)
            continue
        message, token = await compose(row, recipient)
        await _keep_token(recipient, token)
        delivery = await deliver(message, sender=settings.mail_from, to=recipient["email"], url=settings.smtp_url)
        await _settle(job, row, recipient, delivery)
        again = again + 1 if delivery.state == "again" else 0
        if again >= IN_A_ROW:
            raise Unavailable(delivery.reason)
        done += 1
        if done % 20 == 0:
            await job.progress(done)
    await _end(job, mailing)
    return {"url": f"/mailings/{mailing}"}


async def _give_up_what_was_open(job: RunningJob, mailing: UUID) -> None:
    """An attempt before this one died in the middle of these: no one can know whether they arrived."""
    async with job.acting("mailing.uncertain") as act:
        open_before = await execute(
            "update mailing_recipient set state = 'uncertain', reason = $2 where mailing_id = $1 and state = 'sending'",
            mailing, _("The worker stopped while it was being sent; it may have arrived."),
        )  # fmt: skip
        if open_before:
            act.record("mailing", mailing, after={"uncertain": open_before})
        else:
            act.unchanged()


async def _claim(job: RunningJob, mailing: UUID) -> tuple[Record, Record] | None:
    """The next person, now marked as being written to; None when no one is left or it was held."""
    async with job.acting("mailing.claimed") as act:
        act.unchanged()
        row = await fetch_one("select * from mailing where id = $1 and state = 'sending'", mailing)
        if row is None:
            return None
        recipient = await fetch_one(
            "update mailing_recipient set state = 'sending', tries = tries + 1, message_id = case when message_id = '' then "
            "'<' || id || '@' || $2 || '>' else message_id end where id = (select id from mailing_recipient where mailing_id = $1 "
            "and state = 'queued' order by tries, id limit 1 for update skip locked) returning *",
            mailing, current_settings().mail_from.rpartition("@")[2] or "localhost",
        )  # fmt: skip
        return (row, recipient) if recipient else None


async def compose(row: Record, recipient: Record) -> tuple[EmailMessage, str]:
    """The mail to one person, and the secret of its way out. Without tracking, and with a text for every reader."""
    settings, token = current_settings(), secrets.token_urlsafe(24)
    out = f"{settings.url}/unsubscribe/{token}"
    async with transaction(read_only=True):
        mail = await written(row, recipient, out)
    message = EmailMessage()
    message["From"] = Address(mail.board, addr_spec=str(sender(settings).addr_spec))
    message["Reply-To"] = mail.reply_to or settings.mail_from
    name, _at, domain = recipient["email"].rpartition("@")
    message["To"] = Address(username=name, domain=domain)
    message["Subject"] = mail.letter.subject
    message["Date"] = row["started_at"]
    message["Message-ID"] = recipient["message_id"]
    message["List-Unsubscribe"] = f"<{out}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Content-Language"] = mail.language
    message.set_content(mail.letter.text)
    message.add_alternative(mail.letter.page, subtype="html")
    return message, token


async def _keep_token(recipient: Record, token: str) -> None:
    """As a hash; every mail that may have arrived keeps its way out."""
    async with transaction():
        await execute("update mailing_recipient set token_hashes = token_hashes || $2::bytea where id = $1", recipient["id"], hashed(token))


def hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


async def _settle(job: RunningJob, row: Record, recipient: Record, delivery: Delivery, *, left_out: str = "") -> None:
    """What became of it, and the line on the employer's timeline. Written whoever holds the job: it happened."""
    state: str = "left_out" if left_out else delivery.state
    if state == "again":
        state = "failed" if recipient["tries"] >= MOST_TRIES else "queued"
    async with acting(SYSTEM, f"mail.{state}") as act:
        changed = await execute(
            "update mailing_recipient set state = $2, reason = $3, sent_at = case when $2 = 'sent' then now() end where id = $1 "
            "and state in ('sending', 'uncertain')", recipient["id"], state, left_out or delivery.reason,
        )  # fmt: skip
        if state == "sent" and changed:
            await execute(
                "insert into activity (employer_id, board_id, contact_id, engagement_id, kind, direction, summary, body, logged_by) "
                "values ($1, $2, $3, (select id from engagement where employer_id = $1 and board_id = $2 and archived_at is null "
                "order by updated_at desc limit 1), 'email', 'out', $4, '', $5)",
                recipient["employer_id"], row["board_id"], recipient["contact_id"],
                filled(words(row, recipient["language"])[0], await values_of(row, recipient))[:200], row["made_by"],
            )  # fmt: skip
        if changed:
            act.record("mailing_recipient", recipient["id"], board_id=row["board_id"], employer_id=recipient["employer_id"], after={"state": state})
        else:
            act.unchanged()


async def _go_on_later(job: RunningJob, mailing: UUID, opening: datetime) -> dict[str, Any]:
    async with job.acting("mailing.waits", ends=True) as act:
        row = await fetch_one("select id, name, board_id from mailing where id = $1 and state = 'sending'", mailing)
        if row is not None:
            await let_leave(act, row, opening=opening)
            act.record("mailing", mailing, after={"goes_on": opening})
        else:
            act.unchanged()
    return {"url": f"/mailings/{mailing}"}


async def _end(job: RunningJob, mailing: UUID) -> None:
    async with job.acting("mailing.ended") as act:
        ended = await execute(
            "update mailing set state = 'done', ended_at = now() where id = $1 and state = 'sending' "
            "and not exists (select from mailing_recipient where mailing_id = $1 and state = 'queued')", mailing,
        )  # fmt: skip
        if ended:
            act.record("mailing", mailing, after={"state": "done"})
        else:
            act.unchanged()


JOBS = [Job("outreach.send", send, attempts=20, timeout=36_000)]
