"""Mail that comes in, as people meet it: a real door, a real browser, both languages and widths, the keyboard alone."""

import smtplib
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from tests.browser.languages import on_a_phone_and_at_a_desk, reading
from tests.browser.slowness import at_rest
from tests.browser.soundness import sound
from tests.browser.test_injection import PAYLOADS, harmless


@pytest.fixture
def dropbox(page, sign_in):
    """Alice is signed in; her own dropbox address."""
    sign_in("alice@example.org")
    page.goto("/account")
    page.get_by_role("link", name="Show the address").click()
    page.wait_for_url("**/account/dropbox")
    if page.get_by_role("button", name="Make my address").count():
        page.get_by_role("button", name="Make my address").press("Enter")
        page.get_by_role("button", name="Make a new address").wait_for()
    return page.locator("a[href^='mailto:log+']").inner_text()


def bring(door, to, *, sender, subject, text, number):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"], message["Message-ID"] = sender, "alice@example.org", subject, f"<{number}@test.example>"
    message.set_content(text)
    message.add_attachment(b"name\nAcme\n", maintype="text", subtype="csv", filename="interns.csv")
    with smtplib.LMTP("127.0.0.1", door, timeout=20) as client:
        client.sendmail("x@test.example", [to], message.as_bytes(policy=SMTP))


def a_contact(page):
    """The address of a person at the first employer of the pipeline's table, and the employer's page."""
    page.goto("/pipeline?view=table&owner=me")
    page.locator("table.data tbody a").first.click()
    page.wait_for_url("**/employers/*")
    return page.locator("#people a[href^='mailto:'], a[href^='mailto:']").first.inner_text(), page.url


def until(page, address, text):
    """Look again until the worker has read it."""
    for _try in range(100):
        page.goto(address)
        if page.get_by_text(text).count():
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{text} is not on {address}")


def test_a_reply_is_on_the_readers_day_and_on_the_employers_page_and_shared_by_keyboard(page, sign_in, dropbox, door):
    who, employer = a_contact(page)
    bring(door, dropbox, sender=f"Rosa <{who}>", subject="Two interns in spring", text="We would like two interns.", number="reply")
    until(page, "/today", "Two interns in spring")
    sound(page)
    page.goto(employer)
    page.get_by_role("link", name="Two interns in spring").press("Enter")
    page.wait_for_url("**/emails/*")
    assert page.get_by_text("We would like two interns.").count() and page.get_by_text("Sender not proved").count()
    page.get_by_text("Let others read this conversation").focus()
    page.keyboard.press("Enter")
    page.get_by_label("What for").fill("Joint visit")
    page.get_by_label("Until").fill(page.evaluate("new Date(Date.now() + 864e5).toISOString().slice(0, 10)"))
    sound(page)
    page.get_by_role("button", name="Let them read").press("Enter")
    page.get_by_text("They may read along now.").wait_for()
    sound(page)
    page.get_by_role("button", name="It does not belong there").press("Enter")
    page.get_by_text("It waits for a decision again.").wait_for()
    page.get_by_role("button", name="File it here").first.press("Enter")
    page.get_by_text("Filed by a person.").wait_for()
    page.goto("/today")
    page.get_by_role("button", name="Looked at").first.press("Enter")
    page.get_by_text("Looked at.").wait_for()
    assert not page.get_by_text("Two interns in spring").count()


@on_a_phone_and_at_a_desk
def test_every_page_of_mail_is_sound(page, sign_in, dropbox, door, width, language):
    who, _employer = a_contact(page)
    bring(door, dropbox, sender=f"Rosa <{who}>", subject="About the summer " + "x" * 90, text="Hello\n\n" + "word " * 200 + "y" * 200, number=f"sound{width}")
    bring(door, dropbox, sender="Someone <someone@nowhere.example>", subject=f"Not known {width}", text="Hello", number=f"unknown{width}")
    until(page, "/emails", f"Not known {width}")
    until(page, "/emails", "About the summer")
    page.set_viewport_size({"width": width, "height": 800})
    with reading(page, language):
        for path in ("/emails", "/emails?state=waiting", "/emails?state=quarantined", "/account/dropbox", "/account", "/today"):
            page.goto(path)
            sound(page)
        for name in (f"Not known {width}", "About the summer"):
            page.goto("/emails")
            page.get_by_role("link", name=name).first.click()
            page.wait_for_url("**/emails/*")
            for each in page.locator("main details > summary").all():
                each.click()
            sound(page)
        page.goto(f"{page.url}?q=bakery")
        sound(page)


def test_what_a_stranger_writes_is_text_wherever_it_is_shown(page, sign_in, dropbox, door):
    payload = " ".join(PAYLOADS).replace("\n", " ").replace("\r", " ")
    message = EmailMessage()
    message["Subject"], message["Message-ID"], message["To"] = payload, "<bad@test.example>", "alice@example.org"
    message["From"] = "stranger@nowhere.example"
    message.set_content(payload)
    message.add_alternative(f"<html><body>{payload}</body></html>", subtype="html")
    body = message.as_bytes(policy=SMTP).replace(b"From: stranger@", b"From: \"<img src=x onerror=window.ran=1>\" <stranger@").replace(b"nowhere.example\r\n", b"nowhere.example>\r\n", 1)
    with smtplib.LMTP("127.0.0.1", door, timeout=20) as client:
        client.sendmail("x@test.example", [dropbox], body)
    until(page, "/emails?state=waiting", "stranger@nowhere.example")
    harmless(page)
    page.locator("table.data tbody tr", has_text="stranger@nowhere.example").locator("a").first.click()
    page.wait_for_url("**/emails/*")
    at_rest(page)
    harmless(page)
