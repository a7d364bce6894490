"""Mail: rendered from templates, kept as a row, sent by a job. What is uncertain is said, never sent twice.

Without CRM_SMTP_URL mail goes nowhere: it is read on the mail page.
"""

from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

import aiosmtplib
import css_inline
from jinja2 import Environment

from crm.actions import Act
from crm.database import execute, fetch_one, fetch_value, transaction
from crm.errors import Unavailable, UserError
from crm.settings import Settings
from crm.translation import speaking
from crm.work import RunningJob

_environment: list[tuple[Environment, Settings]] = []


class MailRefused(UserError):
    """The mail server refused this message for good."""

    code = "mail_refused"


def start(environment: Environment, settings: Settings) -> None:
    """Keep what mails are rendered with. Called at start."""
    _environment[:] = [(environment, settings)]


async def queue_mail(
    act: Act, template: str, *, to: str, language: str, context: Mapping[str, Any], account_id: UUID | None = None
) -> UUID:
    """Render a mail and keep it inside the open action; its job sends it after the commit."""
    environment, settings = _environment[0]
    values = {"agency": settings.agency_name, "site": settings.url, **context}
    with speaking(language):
        subject = environment.get_template(f"emails/{template}.subject.txt").render(values).strip()
        text = environment.get_template(f"emails/{template}.txt").render(values).strip()
        page = environment.get_template(f"emails/{template}.html").render(values | {"language": language})
    domain = settings.mail_from.rpartition("@")[2] or "localhost"
    mail_id: UUID = await fetch_value(
        "insert into mail_message (to_address, subject, text_body, html_body, language, template, message_id, state, "
        "account_id) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id",
        to, " ".join(subject.split()), text, css_inline.inline(page, load_remote_stylesheets=False), language, template,
        make_msgid(domain=domain), "queued" if settings.smtp_url else "outbox", account_id,
    )  # fmt: skip
    if settings.smtp_url:
        await act.enqueue("mail.send", {"mail_id": str(mail_id)}, title=f"Mail: {template}", key=f"mail:{mail_id}")
    return mail_id


async def send_queued(job: RunningJob, *, mail_id: str) -> None:
    """Send one mail. The state *sending* is committed before the socket opens, so a death in between is seen."""
    _rendered, settings = _environment[0]
    async with transaction():
        claimed = await fetch_one(
            "update mail_message set state = 'sending' where id = $1 and state = 'queued' returning *", UUID(mail_id)
        )
        if claimed is None:
            # it was being sent when the worker died: no one can know whether it arrived
            await execute("update mail_message set state = 'uncertain' where id = $1 and state = 'sending'", UUID(mail_id))
            return
    state, reason, again = await _send(dict(claimed), settings)
    async with transaction():
        await execute(
            "update mail_message set state = $2, reason = $3, sent_at = case when $2 = 'sent' then now() end where id = $1",
            UUID(mail_id), state, reason,
        )  # fmt: skip
    if again:
        raise Unavailable(reason)


async def _send(row: dict[str, Any], settings: Settings) -> tuple[str, str, bool]:
    """The state, why, and whether to try again. Nothing left us before the server took the message."""
    try:
        await aiosmtplib.send(compose(row, settings), **server(settings.smtp_url))
    except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPResponseException) as problem:
        code = getattr(problem, "code", 550)
        again = 400 <= int(code) < 500
        return ("queued" if again else "failed", f"The mail server refused it: {problem}", again)
    except (aiosmtplib.SMTPConnectError, aiosmtplib.SMTPConnectTimeoutError, OSError):
        return "queued", "The mail server does not answer.", True
    except aiosmtplib.SMTPException:
        return "uncertain", "The connection broke while it was being sent; it may have arrived.", False
    return "sent", "", False


def compose(row: Mapping[str, Any], settings: Settings) -> EmailMessage:
    message = EmailMessage()
    message["From"] = f"{settings.agency_name} <{settings.mail_from}>"
    message["To"] = row["to_address"]
    message["Subject"] = row["subject"]
    message["Message-ID"] = row["message_id"]
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = row["language"]
    message.set_content(row["text_body"])
    message.add_alternative(row["html_body"], subtype="html")
    return message


def server(url: str) -> dict[str, Any]:
    """smtp://user:password@host:port?tls=starttls|tls|none as arguments of aiosmtplib."""
    parts = urlsplit(url)
    tls = parse_qs(parts.query).get("tls", ["starttls"])[0]
    return {
        "hostname": parts.hostname or "localhost", "port": parts.port or (465 if tls == "tls" else 587), "timeout": 30,
        "username": unquote(parts.username) if parts.username else None,
        "password": unquote(parts.password) if parts.password else None,
        "use_tls": tls == "tls", "start_tls": True if tls == "starttls" else False if tls == "none" else None,
    }  # fmt: skip
