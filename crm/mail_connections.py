"""Connections to the mail server: a few, each for one mail at a time, kept open from one mail to the next.

To greet, encrypt and sign in takes longer than a mail. A server closes a connection when it likes, after some mails or some
minutes, and is then called again; what had not left us is sent on the new one. No mail uses a connection before the mail is
committed as being sent.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from contextvars import Context
from email.message import EmailMessage

import aiosmtplib

from crm import smtp
from crm.smtp import Delivery, Lost

AT_ONCE = 3  # of one process; mail servers limit how many a sender may have
IDLE = 30  # seconds without a mail, then it is closed; a server waits five minutes (RFC 5321, 4.5.3.2.7)
MAILS = 100  # then a new one: many servers take no more over one connection


class Connection:
    """To one server; opened when a mail needs it."""

    def __init__(self, url: str) -> None:
        self.url, self.mails = url, 0
        self.ending: asyncio.TimerHandle | None = None
        self._client: aiosmtplib.SMTP | None = None

    @property
    def is_open(self) -> bool:
        return self._client is not None and self._client.is_connected

    async def deliver(self, message: EmailMessage, *, sender: str, to: str) -> Delivery:
        """Send to one person, and say what became of it."""
        try:
            if self.is_open:
                with suppress(Lost):
                    return await self._hand_over(message, sender, to)
            return await self._open() or await self._hand_over(message, sender, to)
        except Lost as problem:
            self.close()
            return smtp.away(problem)

    def close(self) -> None:
        """Without waiting for the server's goodbye."""
        if self._client is not None and self._client.protocol is not None:
            with suppress(aiosmtplib.SMTPException):
                self._client.protocol.write(b"QUIT\r\n")
            self._client.close()
        self._client, self.mails = None, 0

    async def _open(self) -> Delivery | None:
        self.close()
        self._client = aiosmtplib.SMTP(**smtp.server(self.url))
        return await smtp.connect(self._client)

    async def _hand_over(self, message: EmailMessage, sender: str, to: str) -> Delivery:
        assert self._client is not None
        done = await smtp.deliver(self._client, message, sender=sender, to=to)
        self.mails += 1
        if done.state == "uncertain":
            self.close()  # its answer may still come, and belongs to no other mail
        elif done.state != "sent":
            try:
                await self._client.rset()  # the server may hold the refused mail's sender
            except (aiosmtplib.SMTPException, OSError):
                self.close()
        return done


class MailServer:
    """The one at `url`, with the connections that this process has to it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._free = asyncio.Semaphore(AT_ONCE)
        self._kept: list[Connection] = []

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """One that no other mail uses, when there is one free."""
        async with self._free:
            connection = self._kept.pop() if self._kept else Connection(self.url)
            if connection.ending is not None:
                connection.ending.cancel()
            try:
                yield connection
            except BaseException:
                connection.close()  # the next answer may be one to what was broken off
                raise
            self._keep(connection)

    def close(self) -> None:
        """Those that no mail uses."""
        while self._kept:
            self._let_go(self._kept[-1])

    def _keep(self, connection: Connection) -> None:
        if connection.mails >= MAILS:
            connection.close()
        if connection.is_open:
            self._kept.append(connection)
            connection.ending = asyncio.get_running_loop().call_later(IDLE, self._let_go, connection, context=Context())

    def _let_go(self, connection: Connection) -> None:
        self._kept.remove(connection)
        if connection.ending is not None:
            connection.ending.cancel()
        connection.close()
