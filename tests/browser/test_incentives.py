"""A hire from the first question to the certificate, as a career specialist goes it: how much is asked, what is due, and what is said on a phone in Spanish."""

import re
from datetime import date, timedelta

from tests.browser.languages import reading
from tests.browser.slowness import at_rest
from tests.browser.soundness import accessible
from tests.browser.test_journey import KNOWN, tell

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
# a person of a family on TANF whom the state certified; what OJT, bonding and the like ask is answered with no, or left open
NOTHING_ELSE = {"Is the person hard to bond": "No", "Is the person registered in a WIOA program?": "No",
                "Is the person an adult or dislocated worker": "No", "Is the person a registered apprentice": "No",
                "Has MassAbility certified": "No", "Does the employer qualify for the federal WOTC for this veteran": "No",
                "Has the worker been employed here for at least six months": "No", "How much does the removal of barriers": "0",
                "How much is spent in the year on access": "0", "How much does the course cost": "0", "How much does the training cost": "0"}  # fmt: skip


def test_from_the_first_question_to_the_certificate(page, sign_in):
    sign_in("alice@example.org")
    hire = begun(page)
    assert asked(page, hire) == (23, 0)
    screened(page, hire)
    case = opened(page, hire)
    submitted(page, case)
    certified(page, case)
    on_a_phone_in_spanish(page, hire, case)


def begun(page):
    page.goto("/employers?q=baptiste+precision")  # other walks change what stands where in the whole list
    page.get_by_role("link", name="Baptiste & Nguyen Precision Optics Co.", exact=True).click()
    page.get_by_role("link", name="Screen a hire").click()
    accessible(page)
    page.get_by_label("Who is meant").fill("R.L.")
    page.get_by_label("Job").fill("Baker")
    page.get_by_label("First day of work").fill("2025-10-01")
    page.get_by_role("button", name="Start screening").click()
    page.wait_for_url(re.compile("/hires/[0-9a-f-]+$"))
    accessible(page)
    return page.url


def asked(page, hire):
    """Answers in place, without leaving the page, until WOTC is settled; how many questions were answered, and how many programs are still open."""
    answered = set()
    for _round in range(16):
        if page.locator(".program", has=page.get_by_role("link", name="Work Opportunity Tax Credit", exact=True)).get_by_text("$2,400", exact=True).count():
            break
        for question, answer in (KNOWN | NOTHING_ELSE).items():
            if page.locator("#screening form[hx-post]").get_by_text(question).count():
                tell(page, question, answer)
                answered.add(question)
        page.get_by_role("button", name="Continue").click()
        at_rest(page)
        assert page.url == hire  # htmx, in place
    return len(answered), page.locator("section[aria-labelledby='p-open'] ul.programs > li").count()


def screened(page, hire):
    page.goto(hire)
    best = page.get_by_role("region", name="Best together")
    assert best.locator(".amount").first.inner_text() == "$2,400"
    assert page.get_by_text("By October 29, 2025").first.is_visible()
    assert page.get_by_text("A: family on TANF").count() == 0
    accessible(page)


def opened(page, hire):
    page.get_by_role("link", name="Work Opportunity Tax Credit", exact=True).click()
    page.get_by_role("button", name="Open a case").click()
    page.wait_for_url(re.compile("/cases/[0-9a-f-]+$"))
    accessible(page)
    return page.url


def submitted(page, case):
    page.get_by_text("No form or evidence is kept here yet.").wait_for()
    page.set_input_files("#files", {"name": "8850.pdf", "mimeType": "application/pdf", "buffer": PDF})
    page.get_by_label("What it is").fill("Form 8850")
    page.get_by_text("It is signed by everyone who must sign").click()
    page.get_by_role("button", name="Keep the evidence").click()
    page.get_by_text("The evidence is kept.").wait_for()
    # today the 28 days are long past; it was sent in time, on the 6th
    page.locator("summary", has_text="Submit it").click()
    page.locator("#on-submitted").fill("2025-10-06")
    page.locator("#reason-submitted").fill("Postmarked October 6")
    page.get_by_text("Submit all the same").click()
    page.get_by_role("button", name="Submit it").click()
    page.get_by_text("The case moved on.").wait_for()
    page.locator("#notices").get_by_role("button", name="Undo").click()
    page.get_by_text("The move is undone.").wait_for()
    page.locator("summary", has_text="Submit it").click()
    page.locator("#on-submitted").fill("2025-10-06")
    page.locator("#reason-submitted").fill("Postmarked October 6")
    page.get_by_text("Submit all the same").click()
    page.get_by_role("button", name="Submit it").click()
    page.get_by_text("The case moved on.").wait_for()


def certified(page, case):
    page.locator("#on-certified").fill((date.today() - timedelta(days=1)).isoformat())
    page.locator("#amount-certified").fill("2400")
    page.get_by_role("button", name="It was certified").click()
    page.get_by_text("The case moved on.").wait_for()
    assert page.get_by_role("region", name="Money").get_by_text("$2,400").count() >= 2
    accessible(page)


def on_a_phone_in_spanish(page, hire, case):
    with reading(page, "es"):
        page.set_viewport_size({"width": 360, "height": 800})
        for address in (hire, f"{hire}/programs/us-wotc", f"{hire}/facts/first_year_hours", f"{hire}/edit", case, "/cases", "/incentives/changed"):
            page.goto(address)
            accessible(page)
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address
        page.goto(hire)
        assert page.get_by_role("heading", name="Lo que puede traer R.L.").is_visible()
