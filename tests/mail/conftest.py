"""A real mail server on this machine's loopback, and the program that sends through it."""

import asyncio

import msgspec
import pytest
from aiosmtpd.smtp import SMTP

from crm import mail
from crm.access import SYSTEM
from crm.actions import acting
from crm.database import fetch_one, transaction
from crm.templating import make_environment


class Postbox:
    """Keeps what arrives. `answers` are given to RCPT and DATA, first come first served; "break" breaks off."""

    def __init__(self):
        self.arrived = []
        self.to_rcpt = []
        self.to_data = []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        answer = self.to_rcpt.pop(0) if self.to_rcpt else "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        answer = self.to_data.pop(0) if self.to_data else "250 OK"
        if answer == "break" or answer.startswith("250"):
            self.arrived.append(envelope)
        if answer == "break":
            server.transport.abort()
        return answer


@pytest.fixture
async def postbox():
    box = Postbox()
    listening = await asyncio.get_running_loop().create_server(lambda: SMTP(box, enable_SMTPUTF8=True), "127.0.0.1", 0)
    box.url = f"smtp://127.0.0.1:{listening.sockets[0].getsockname()[1]}?tls=none"
    yield box
    listening.close()
    await listening.wait_closed()


@pytest.fixture
def sending(program, postbox):
    """The program, sending through the postbox."""
    program.settings = msgspec.structs.replace(program.settings, smtp_url=postbox.url, mail_from="desk@agency.example")
    mail.start(make_environment(program.settings), program.settings)
    return program


@pytest.fixture
def write_to():
    """`write_to(address)`: queue an invitation; its id."""

    async def write(to="ana@example.org", name="Ana", language="en"):
        async with acting(SYSTEM, "test.mailed") as act:
            act.record("account", None)
            return await mail.queue_mail(
                act, "invitation", to=to, language=language,
                context={"name": name, "invited_by": "Bob", "path": "/sign-in/invitation/secret", "code": "K7QM-2P"},
            )  # fmt: skip

    return write


@pytest.fixture
def row_of():
    async def find(mail_id):
        async with transaction(read_only=True):
            return await fetch_one("select * from mail_message where id = $1", mail_id)

    return find
