"""Hand one message to the mail server, and say for certain what became of it, or that it is not certain."""

from collections.abc import Mapping
from contextlib import suppress
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib
from msgspec import Struct

from crm.settings import Settings, SettingsError
from crm.translation import _

SECONDS = 30
PORTS = {"tls": 465, "starttls": 587, "none": 25}
LASTING = range(500, 600)  # answers that another try does not change


class Delivery(Struct, frozen=True):
    """`again`: it did not leave us, so trying later sends it once. `uncertain`: only a person can know."""

    state: Literal["sent", "again", "failed", "uncertain"]
    reason: str = ""


def compose(row: Mapping[str, Any], settings: Settings) -> EmailMessage:
    """The message of a row of `mail_message`; the same row gives the same message."""
    message = EmailMessage()
    message["From"] = sender(settings)
    name, _at, domain = row["to_address"].rpartition("@")
    message["To"] = Address(username=name, domain=domain)
    message["Subject"] = row["subject"]
    message["Date"] = row["created_at"]
    message["Message-ID"] = row["message_id"]
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = row["language"]
    message.set_content(row["text_body"])
    if row["html_body"]:
        message.add_alternative(row["html_body"], subtype="html")
    return message


def sender(settings: Settings) -> Address:
    """Who our mails are from. Raises `SettingsError`."""
    try:
        return Address(settings.agency_name, addr_spec=settings.mail_from)
    except ValueError:
        raise SettingsError(
            f"CRM_MAIL_FROM is '{settings.mail_from}': not a mail address. Write it bare, such as no-reply@example.org."
        ) from None


def server(url: str) -> dict[str, Any]:
    """smtp://user:password@host:port?tls=starttls|tls|none as arguments of aiosmtplib. Raises `SettingsError`."""
    parts = urlsplit(url)
    tls = parse_qs(parts.query).get("tls", ["starttls"])[0]
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.scheme != "smtp" or not parts.hostname or tls not in PORTS or port == -1:
        raise SettingsError(
            "CRM_SMTP_URL (hidden) is not an address of a mail server. "
            "Write smtp://user:password@host:port?tls=starttls, or tls=tls or tls=none."
        )
    return {
        "hostname": parts.hostname, "port": port or PORTS[tls], "timeout": SECONDS,
        "username": unquote(parts.username) if parts.username else None,
        "password": unquote(parts.password) if parts.password else None,
        "use_tls": tls == "tls", "start_tls": tls == "starttls",
    }  # fmt: skip


async def deliver(message: EmailMessage, *, sender: str, to: str, url: str) -> Delivery:
    """Send to one person. Until the text leaves us all can be tried again; afterwards only an answer makes certain."""
    client = aiosmtplib.SMTP(**server(url))
    try:
        problem = await _introduce(client, sender, to)
        return problem or await _hand_over(client, message, to)
    finally:
        with suppress(aiosmtplib.SMTPException, OSError):
            await client.quit(timeout=2)
        client.close()


async def _introduce(client: aiosmtplib.SMTP, sender: str, to: str) -> Delivery | None:
    """Connect, sign in, and name sender and recipient; None when the server will take the text."""
    try:
        await client.connect()
        if to.isascii():
            await client.mail(sender)
            await client.rcpt(to)
            return None
        await client.ehlo()
        if client.supports_extension("smtputf8"):
            await client.mail(sender, options=["SMTPUTF8"], encoding="utf-8")
            await client.rcpt(to, encoding="utf-8")
        else:
            return Delivery("failed", _("The mail server takes no address with letters beyond a to z."))
    except aiosmtplib.SMTPAuthenticationError as problem:
        return Delivery("again", _("The mail server refuses our sign-in; check CRM_SMTP_URL.") + f" ({problem.message})")
    except (aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPSenderRefused) as problem:
        return _refused(problem)
    except aiosmtplib.SMTPResponseException as problem:
        return Delivery("again", _("The mail server does not want to talk.") + f" ({problem.code} {problem.message})")
    except (aiosmtplib.SMTPException, OSError) as problem:
        return Delivery("again", _("The mail server does not answer.") + f" ({problem})")
    return None


async def _hand_over(client: aiosmtplib.SMTP, message: EmailMessage, to: str) -> Delivery:
    form = policy.SMTP if to.isascii() else policy.SMTPUTF8
    try:
        await client.data(message.as_bytes(policy=form))
    except aiosmtplib.SMTPDataError as problem:
        return _refused(problem)
    except (aiosmtplib.SMTPException, OSError):
        return Delivery("uncertain", _("The connection broke while it was being sent; it may have arrived."))
    return Delivery("sent")


def _refused(problem: aiosmtplib.SMTPResponseException) -> Delivery:
    lasting = problem.code in LASTING
    told = _("The mail server refused it.") + f" ({problem.code} {problem.message})"
    return Delivery("failed" if lasting else "again", told)
