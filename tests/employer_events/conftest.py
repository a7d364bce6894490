"""A desk with an event in front of it."""

from types import SimpleNamespace

import msgspec
import pytest

from crm import mail
from crm.contacts import actions as contacts
from crm.contacts.forms import ContactForm
from crm.database import fetch_value, transaction
from crm.employer_events import events
from crm.engagements import actions as engagements
from crm.templating import make_environment
from tests.employer_events.fair import ZONE, fair
from tests.outreach.conftest import postbox  # noqa: F401


@pytest.fixture
async def desk(program, people, employers, boards, superuser):
    """A program that sends, both employers on the north's pipeline, a person at each, an event with two places."""
    await superuser("update board set address = '1 Court Square, Worcester, MA 01608'")
    program.settings = msgspec.structs.replace(program.settings, time_zone=ZONE)
    mail.start(make_environment(program.settings), program.settings)
    found = {}
    for key, name, language in (("erins", "Erin", "en"), ("franks", "Francisco", "es")):
        await engagements.start(people.alice, getattr(employers, key))
        found[key] = await contacts.add_contact(people.alice, getattr(employers, key),
                                                ContactForm(given_name=name, email=f"{key}@work.example.com", language=language))  # fmt: skip
    event = await events.add(people.alice, fair(capacity=2, sign_up=True), zone=ZONE)
    async with transaction(read_only=True):
        code = await fetch_value("select sign_up_code from employer_event where id = $1", event)
    return SimpleNamespace(program=program, event=event, code=code, **found)
