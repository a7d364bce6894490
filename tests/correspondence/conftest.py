"""A program that takes mail in: its door on loopback, colleagues with dropbox addresses of their own, people at employers."""

import asyncio
import smtplib
from email.message import EmailMessage
from email.policy import SMTP
from types import SimpleNamespace

import msgspec
import pytest

from crm import mail
from crm.access import SYSTEM
from crm.actions import acting
from crm.contacts import actions as contacts
from crm.contacts.forms import ContactForm
from crm.correspondence import addresses
from crm.correspondence.door import listening
from crm.database import execute, fetch, fetch_value, transaction
from crm.engagements import actions
from crm.templating import make_environment


@pytest.fixture
async def desk(program, people, employers):
    """Erin's and Frank's on the north's pipeline with a person at each; Alice and Charlie have addresses of their own."""

    def configure(**settings):
        program.settings = msgspec.structs.replace(program.settings, **settings)
        mail.start(make_environment(program.settings), program.settings)
        return program.settings

    settings = configure(mail_from="desk@agency.example", mail_in_address="log@crm.example", mail_in_listen="lmtp://127.0.0.1:1", mail_in_limit_mb=1)
    found = SimpleNamespace(program=program, configure=configure)
    for key, name in (("erins", "Erin"), ("franks", "Frank")):
        await actions.start(people.alice, getattr(employers, key))
        setattr(found, key, await contacts.add_contact(people.alice, getattr(employers, key), ContactForm(
            given_name=name, family_name="Reyes", email=f"{key}@work.example.com")))  # fmt: skip
    for name in ("alice", "charlie"):
        await addresses.renew(getattr(people, name))
        async with transaction(read_only=True):
            setattr(found, name, await addresses.own_address(getattr(people, name), settings))
    return found


@pytest.fixture
async def door(desk):
    """`await door(message, to)`: bring a message by LMTP; the answers by recipient, or what the server refused with."""
    opened = []

    async def bring(message, *to, sender="someone@outside.example", scheme="lmtp"):
        if scheme not in opened:
            settings = msgspec.structs.replace(desk.program.settings, mail_in_listen=f"{scheme}://127.0.0.1:0")
            context = listening(settings)
            setattr(bring, scheme, (context, (await context.__aenter__()).sockets[0].getsockname()[1]))
            opened.append(scheme)
        body = message if isinstance(message, bytes) else message.as_bytes(policy=SMTP)
        return await asyncio.to_thread(_bring, scheme, getattr(bring, scheme)[1], sender, to, body)

    yield bring
    for scheme in opened:
        await getattr(bring, scheme)[0].__aexit__(None, None, None)


def _bring(scheme, port, sender, to, body):
    client = (smtplib.LMTP if scheme == "lmtp" else smtplib.SMTP)("127.0.0.1", port, timeout=20)
    try:
        client.ehlo("test")
        return client.sendmail(sender, list(to), body)
    finally:
        client.close()


@pytest.fixture
def work(program):
    async def run():
        await program.worker().run_until_idle()

    return run


def letter(sender, to, *, subject="About spring", text="Dear all,\n\nwe would like two interns.", message_id="<one@work.example.com>", **headers):
    """A plain mail."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"] = "Mon, 23 Nov 2026 10:00:00 -0500"
    if message_id:
        message["Message-ID"] = message_id
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


async def ledger():
    """What became of each message, in the order in which they came."""
    async with transaction(read_only=True):
        return [dict(row) for row in await fetch("select * from email order by kept_at, id")]


async def outcomes():
    return [(row["state"], row["reason"]) for row in await ledger()]


async def timeline():
    async with transaction(read_only=True):
        return [dict(row) for row in await fetch(
            "select y.*, e.name as employer from activity y join employer e on e.id = y.employer_id where y.kind = 'email' "
            "and y.removed_at is null order by y.created_at, y.id")]  # fmt: skip


async def readers(email_id):
    async with transaction(read_only=True):
        return {row["name"] for row in await fetch(
            "select coalesce(a.name, b.name) as name from email_reader r left join account a on a.id = r.account_id "
            "left join board b on b.id = r.board_id where r.email_id = $1", email_id)}  # fmt: skip


@pytest.fixture
def mailed(boards, people, employers, desk):
    """`await mailed()`: a mail of a mailing of Alice's to Erin; its Message-ID."""

    async def send(message_id="<8c7d6b5a-1111-2222-3333-444455556666@agency.example>", contact="erins"):
        async with acting(SYSTEM, "test.mailed") as act:
            mailing = await fetch_value(
                "insert into mailing (board_id, name, subject_en, body_en, chosen, state, made_by) values ($1, 'Spring', 'x', 'x', '{}', 'done', $2) returning id",
                boards.north, people.alice.account_id)  # fmt: skip
            await execute(
                "insert into mailing_recipient (mailing_id, board_id, employer_id, contact_id, email, language, state, message_id, sent_at) "
                "values ($1, $2, $3, $4, $5, 'en', 'sent', $6, now())",
                mailing, boards.north, getattr(employers, contact), getattr(desk, contact), f"{contact}@work.example.com", message_id)  # fmt: skip
            act.record("mailing", mailing)
        return message_id

    return send


@pytest.fixture
def bring(door, work):
    """`await bring(message, to)`: by the door, read and decided; the last line of the ledger."""

    async def brought(message, to):
        await door(message, to)
        await work()
        return (await ledger())[-1]

    return brought
