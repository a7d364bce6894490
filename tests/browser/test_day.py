"""A specialist's day, from the morning mail to the leaders' figures: a real mail server, a real mailbox, a real browser."""

import asyncio
import email
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller

from crm.access import SYSTEM
from crm.actions import acting
from crm.database import execute
from crm.engagements import digest
from crm.program import running_program
from crm.settings import settings_from
from tests.browser.conftest import free_port, serving
from tests.browser.soundness import sound
from tests.browser.test_visits import KEPT, device_says, fill, until
from tests.correspondence import dovecot

NEW_YORK = ZoneInfo("America/New_York")
MAILBOX = "desk"


class Postbox:
    """What leaves for the world."""

    def __init__(self):
        self.arrived = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.arrived.append(email.message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@pytest.fixture(scope="module")
def postbox():
    box = Postbox()
    box.port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    yield box
    controller.stop()


@pytest.fixture(scope="module")
def mailbox():
    with dovecot.running() as server:
        yield server


@pytest.fixture(scope="module")
def settings(tmp_path_factory, postbox, mailbox):
    return {
        "CRM_DATA": str(tmp_path_factory.mktemp("day") / "data"), "CRM_SMTP_URL": f"smtp://127.0.0.1:{postbox.port}?tls=none",
        "CRM_MAIL_FROM": "desk@agency.example", "CRM_IMAP_URLS": mailbox.url(MAILBOX), "CRM_IMAP_EVERY": "15",
    }  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory, settings):
    """One of this module's own, with mail that leaves and mail that comes in."""
    with serving(tmp_path_factory.mktemp("serving"), settings) as address:
        yield address


def send_digests(settings, address):
    """The morning mails of the next working day, whenever this runs. Who is of the demonstration gets none, so Alice is not."""

    def morning():
        day = datetime.now(NEW_YORK) + timedelta(days=1)
        while day.weekday() >= 5:
            day += timedelta(days=1)
        return day.replace(hour=7).astimezone(UTC)

    async def send():
        async with running_program(settings_from(settings | {"CRM_URL": address}), migrate=False):
            async with acting(SYSTEM, "account.changed") as act:
                await execute("update account set demonstration = false where email = 'alice@example.org'")
                act.record("account", None)
            return await digest.send(None, now=morning)

    with ThreadPoolExecutor(1) as beside:  # the browser's driver holds this thread's event loop
        assert beside.submit(asyncio.run, send()).result()["mails"] >= 1


def arrived(page, postbox, to):
    for _try in range(300):
        for message in postbox.arrived:
            if to in str(message["To"]):
                return message
        page.wait_for_timeout(100)
    raise AssertionError([str(message["To"]) for message in postbox.arrived])


def test_a_specialists_day(page, sign_in, settings, server, postbox, mailbox):
    sign_in("alice@example.org")
    send_digests(settings, server)
    morning = arrived(page, postbox, "alice@example.org")
    address = re.search(r"https?://\S+/today", morning.get_body(("plain",)).get_content())[0]
    page.goto(address)
    page.get_by_role("heading", level=1).wait_for()
    sound(page)

    page.goto("/pipeline?view=table&owner=me")
    page.locator("table.data tbody a").first.click()
    page.wait_for_url("**/employers/*")
    employer = page.url
    calls(page)
    moves(page)
    follows_up(page)
    answers(page, mailbox, employer)
    visits_offline(page, employer)
    leads(page, employer)


def calls(page):
    page.locator("h1").click()
    page.keyboard.press("c")
    page.get_by_label("In one line").fill("They want two for the summer")
    page.get_by_role("button", name="Log it").click()
    page.locator("#timeline").get_by_text("They want two for the summer").first.wait_for()
    sound(page)


def moves(page):
    page.get_by_text(re.compile("^Move to…")).first.click()
    stages = page.get_by_label("Stage", exact=True).first
    now = stages.input_value()
    options = [option.get_attribute("value") for option in stages.locator("option").all()]
    stages.select_option(options[(options.index(now) + 1) % len(options)])
    page.get_by_role("button", name="Move", exact=True).first.click()
    page.get_by_text(re.compile("^Moved to ")).first.wait_for()


def follows_up(page):
    employer = page.url
    page.goto("/sequences/new")
    page.get_by_label("Name, for you").fill("After the call")
    page.get_by_role("button", name="Make it").click()
    page.get_by_role("link", name="Add call").click()
    page.get_by_label("Name of the step").fill("Call again")
    page.get_by_label("Working days after the step before").fill("5")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("added at the end").wait_for()
    page.goto(employer)
    page.get_by_role("link", name="Begin a sequence").click()
    page.get_by_label("Sequence", exact=True).select_option(label="After the call")
    page.get_by_role("button", name="Begin").click()
    page.get_by_text("It begins now").wait_for()
    page.goto(employer)


def answers(page, mailbox, employer):
    """A reply comes into the mailbox that the program reads, and the sequence ends by itself."""
    page.get_by_role("link", name="After the call").click()
    page.wait_for_url("**/sequences/*")
    sequence = page.url
    assert "Step 1 of 1" in page.locator("main").inner_text()
    page.goto(employer)
    who = page.locator("#people ~ ul a[href^='mailto:']").first.inner_text()
    reply = EmailMessage()
    reply["From"], reply["To"], reply["Subject"], reply["Message-ID"] = who, "desk@agency.example", "Yes, two", "<yes@work.example>"
    reply.set_content("Two interns, from June.")
    mailbox.deliver(MAILBOX, reply)
    for _try in range(300):
        page.goto(sequence)
        if "Step 1 of 1" not in page.locator("main").inner_text():
            break
        page.wait_for_timeout(200)
    page.get_by_text("They answered").first.wait_for()
    sound(page)


def visits_offline(page, employer):
    page.goto("/visits")
    until(page, KEPT)
    link = f"/visits/new?employer={employer.rpartition('/')[2]}"
    page.goto(link)
    page.goto("/visits")
    page.context.set_offline(True)
    page.goto(link)
    fill(page, "They showed us the workshop.")
    page.get_by_role("button", name="Save visit").click()
    page.wait_for_url("**/visits")
    device_says(page, "1 visit waits for a connection")
    page.context.set_offline(False)
    device_says(page, "All is sent")
    page.complaints[:] = [each for each in page.complaints if "ERR_INTERNET_DISCONNECTED" not in each]
    page.goto(employer)
    assert page.locator("#timeline").get_by_text("They showed us the workshop.", exact=True).count() == 1


def leads(page, employer):
    """The figures of the leaders hold the day's work, and lead to it."""
    page.goto("/reports")
    page.get_by_role("button", name="Count anew").click()
    for _try in range(300):
        page.goto("/reports")
        if page.get_by_role("heading", name="Activities by week").count():
            break
        page.wait_for_timeout(100)
    sound(page)
    week = page.locator("section:has(#weeks) tbody tr").first
    week.locator("a").first.click()
    page.wait_for_url("**/reports/rows*")
    assert page.locator(f"a[href='{employer.removeprefix(page.evaluate('location.origin'))}']").count()
    sound(page)
