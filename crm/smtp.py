"""Hand one message to the mail server, and say for certain what became of it, or that it is not certain."""

from collections.abc import Mapping
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
TAKEN, REFUSED = range(200, 300), range(400, 600)  # answers
LASTING = range(500, 600)  # those that another try does not change
GIVE_TEXT, GOES_AWAY = 354, 421


class Lost(Exception):
    """The server hung up, or said that it will, before it had the text: on a new connection the mail may be tried again."""


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


async def connect(client: aiosmtplib.SMTP) -> Delivery | None:
    """Open the connection: encrypted and signed in, as its address asks. None when it is open."""
    try:
        await client.connect()
    except aiosmtplib.SMTPAuthenticationError as problem:
        return Delivery("again", _("The mail server refuses our sign-in; check CRM_SMTP_URL.") + f" ({problem.message})")
    except aiosmtplib.SMTPResponseException as problem:
        return Delivery("again", _("The mail server does not want to talk.") + f" ({problem.code} {problem.message})")
    except (aiosmtplib.SMTPException, OSError) as problem:
        return away(problem)
    return None


async def deliver(client: aiosmtplib.SMTP, message: EmailMessage, *, sender: str, to: str) -> Delivery:
    """Send to one person over an open connection. Raises `Lost`, and then nothing was sent.

    Until the text leaves us all can be tried again; afterwards only an answer makes certain.
    """
    text = _as_data(message.as_bytes(policy=policy.SMTP if to.isascii() else policy.SMTPUTF8))
    try:
        problem = await _introduce(client, sender, to)
        if problem is not None:
            return problem
        protocol = client.protocol
        if protocol is None:
            raise Lost
        protocol.write(text)
    except aiosmtplib.SMTPServerDisconnected as lost:
        raise Lost(str(lost)) from lost
    except aiosmtplib.SMTPResponseException as answer:
        if answer.code == GOES_AWAY:
            raise Lost(f"{answer.code} {answer.message}") from answer
        return _refused(answer.code, answer.message)
    except (aiosmtplib.SMTPException, OSError) as late:
        return away(late)
    try:
        code, told = await protocol.read_response(timeout=client.timeout)
    except (aiosmtplib.SMTPException, OSError):
        return Delivery("uncertain", _("The connection broke while it was being sent; it may have arrived."))
    if code in TAKEN:
        return Delivery("sent")
    if code not in REFUSED:
        return Delivery("uncertain", _("The mail server answered what no one can read; it may have arrived.") + f" ({code} {told})")
    return _refused(code, told)


async def _introduce(client: aiosmtplib.SMTP, sender: str, to: str) -> Delivery | None:
    """Name sender and recipient; None when the server will take the text."""
    if to.isascii():
        await client.mail(sender)
        await client.rcpt(to)
    else:
        if client.last_ehlo_response is None:
            await client.ehlo()
        if not client.supports_extension("smtputf8"):
            return Delivery("failed", _("The mail server takes no address with letters beyond a to z."))
        await client.mail(sender, options=["SMTPUTF8"], encoding="utf-8")
        await client.rcpt(to, encoding="utf-8")
    # not client.data(): it does not say whether it broke before the text left us or after
    answer = await client.execute_command(b"DATA")
    if answer.code != GIVE_TEXT:
        raise aiosmtplib.SMTPDataError(answer.code, answer.message)
    return None


def _as_data(text: bytes) -> bytes:
    """As it travels: no line ends but CR LF, dots at the start of a line doubled, and a dot alone at the end (RFC 5321, 4.5.2)."""
    lines = (b"." + line if line.startswith(b".") else line for line in text.splitlines())
    return b"\r\n".join(lines) + b"\r\n.\r\n"


def away(problem: Exception) -> Delivery:
    return Delivery("again", _("The mail server does not answer.") + f" ({problem})")


def _refused(code: int, told: str) -> Delivery:
    return Delivery("failed" if code in LASTING else "again", _("The mail server refused it.") + f" ({code} {told})")
