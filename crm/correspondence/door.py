"""The door: takes mail for the dropbox by LMTP or SMTP from the mail server before it. What it answered 250 to is kept."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import structlog
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from crm.correspondence.addresses import Taker, taker_of
from crm.correspondence.keeping import Arrival, keep
from crm.correspondence.mailboxes import door_id
from crm.database import transaction
from crm.errors import Invalid, UserError
from crm.settings import Settings

log = structlog.get_logger("crm.mail_in")
logging.getLogger("mail.log").setLevel(logging.ERROR)  # the library logs addresses and lines; a log of ours holds ids

MEGABYTE = 1024 * 1024
SECONDS = 120  # for one command, a message's text among them
MOST_GUESTS = 20  # connections at once: each may hold a message in memory
MOST_RECIPIENTS = 20
NOT_OURS = "550 5.1.1 This address takes no mail"
LATER = "451 4.3.0 Could not be kept; try again later"


class Handler:
    """Answers the commands of one message after the other."""

    def __init__(self, settings: Settings, *, by_recipient: bool) -> None:
        self.settings = settings
        self.by_recipient = by_recipient  # LMTP wants an answer for each
        self.guests = 0

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        async with transaction(read_only=True):
            taker = await taker_of(address, self.settings)
        if taker is None:
            return NOT_OURS
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        _takers(envelope).append(taker)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        body, now = bytes(envelope.original_content or b""), datetime.now(UTC)
        answers = [await self._keep(body, taker, now) for taker in _takers(envelope)]
        if self.by_recipient:
            return "\r\n".join(answers)
        return next((answer for answer in answers if not answer.startswith("250")), answers[0])

    async def _keep(self, body: bytes, taker: Taker, now: datetime) -> str:
        if not body.strip():
            return "554 5.6.0 The message is empty"
        try:
            await keep(Arrival(mailbox_id=await door_id(), body=body, received_at=now, recipient=taker.shown, account_id=taker.account_id))
        except Invalid:
            return "552 5.3.4 The message is too large"
        except (UserError, OSError) as problem:
            log.warning("mail_not_kept", problem=type(problem).__name__)
            return LATER
        return "250 2.0.0 Kept"

    async def handle_exception(self, error: Exception) -> str:
        log.warning("mail_not_kept", problem=type(error).__name__)
        return LATER


def _takers(envelope: Envelope) -> list[Taker]:
    found: list[Taker] = envelope.__dict__.setdefault("takers", [])
    return found


class _Guest:
    """A connection: counted, and sent away where there are too many."""

    line_length_limit = 65536  # some programs write a page in one line
    event_handler: Handler
    counted = False

    def connection_made(self, transport: Any) -> None:
        house = self.event_handler
        if not self.counted and house.guests >= MOST_GUESTS:
            transport.write(b"421 4.7.0 Too many connections; try again later\r\n")
            transport.close()
            return
        house.guests += not self.counted
        self.counted = True
        super().connection_made(transport)  # type: ignore[misc]

    def connection_lost(self, error: Exception | None) -> None:
        if self.counted:
            self.event_handler.guests -= 1
            super().connection_lost(error)  # type: ignore[misc]


class _SmtpGuest(_Guest, SMTP):
    """By SMTP."""


class _LmtpGuest(_Guest, LMTP):
    """By LMTP."""


@asynccontextmanager
async def listening(settings: Settings) -> AsyncIterator[asyncio.Server]:
    """The door is open inside the block."""
    parts = urlsplit(settings.mail_in_listen)
    lmtp = parts.scheme == "lmtp"
    handler, tls = Handler(settings, by_recipient=lmtp), _certificate(settings)
    loop = asyncio.get_running_loop()

    def guest() -> SMTP:
        return (_LmtpGuest if lmtp else _SmtpGuest)(
            handler, data_size_limit=settings.mail_in_limit_mb * MEGABYTE, enable_SMTPUTF8=True, hostname=settings.mail_in_address.rpartition("@")[2],
            ident="crm", tls_context=tls, require_starttls=tls is not None, timeout=SECONDS, command_call_limit=1000, loop=loop,
        )  # fmt: skip

    server = await loop.create_server(guest, parts.hostname, parts.port or 0)
    try:
        yield server
    finally:
        server.close()


def _certificate(settings: Settings) -> ssl.SSLContext | None:
    if not settings.mail_in_certificate.name:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(settings.mail_in_certificate)
    return context
