"""A mail server that keeps what arrives, and a desk at which both boards' employers stand on pipelines."""

import asyncio
import email
from email import policy
from types import SimpleNamespace

import msgspec
import pytest
from aiosmtpd.smtp import SMTP

from crm import mail
from crm.contacts import actions as contacts
from crm.contacts.forms import ContactForm
from crm.engagements import actions
from crm.outreach import templates
from crm.outreach.forms import TemplateForm
from crm.templating import make_environment
from tests.outreach.steps import MAIL, begin, made


class Postbox:
    """Keeps what arrives. `answers` are given to DATA, first come first served; "break" breaks off."""

    def __init__(self):
        self.arrived, self.answers, self.connections = [], [], set()

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.connections.add(server)
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer == "break" or answer.startswith("250"):
            self.arrived.append(email.message_from_bytes(envelope.content, policy=policy.default))
        if answer == "break":
            server.transport.abort()
        return answer


@pytest.fixture
async def postbox():
    box = Postbox()
    listening = await asyncio.get_running_loop().create_server(lambda: SMTP(box), "127.0.0.1", 0)
    box.url = f"smtp://127.0.0.1:{listening.sockets[0].getsockname()[1]}?tls=none"
    yield box
    listening.close()
    await listening.wait_closed()


@pytest.fixture
async def desk(program, postbox, people, employers, boards, superuser):
    """A program that sends, both employers on the north's pipeline, a person at each, words in both languages."""
    program.settings = msgspec.structs.replace(program.settings, smtp_url=postbox.url, mail_from="desk@agency.example", time_zone="America/New_York")
    mail.start(make_environment(program.settings), program.settings)
    await superuser("update board set address = '1 Court Square, Worcester, MA 01608'")
    found = {}
    for key, name, language in (("erins", "Erin", "en"), ("franks", "Francisco", "es")):
        employer = getattr(employers, key)
        await actions.start(people.alice, employer)
        found[key] = await contacts.add_contact(people.alice, employer, ContactForm(given_name=name, email=f"{key}@work.example.com", language=language))
    words = await templates.add(people.alice, TemplateForm(
        name="Spring", subject_en="Spring at {employer}", body_en="Dear {first_name},\n\ncome in.\n{sender}",
        subject_es="Primavera en {employer}", body_es="Hola {first_name}"))  # fmt: skip
    return SimpleNamespace(program=program, words=words, **found)


@pytest.fixture
async def spring(desk, people):
    """A mail at once, a call two working days later, a letter the day after."""
    return await made(people.alice, "Spring", MAIL, {"kind": "call", "title": "Call them", "wait_days": 2},
                      {**MAIL, "kind": "letter", "title": "Welcome", "wait_days": 1})  # fmt: skip


@pytest.fixture
async def erin(spring, desk, people, employers):
    return await begin(people.alice, spring, employers.erins, desk.erins)
