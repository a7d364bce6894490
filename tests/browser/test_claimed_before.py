"""What was claimed before, as a career specialist tells it: from the hire to the page that keeps it and back to what is left, also on a phone in Spanish.

And as the employer sees it, in the portal and without an account.
"""

import re

from tests.browser.languages import reading
from tests.browser.slowness import at_rest
from tests.browser.soundness import accessible, sound
from tests.browser.test_learner import PHONE

ANSWERS = {"tax_year_begins": "2025-01-01", "apprentice_registered": "yes", "apprentice_occupation_listed": "yes", "apprentice_workplace_ma": "yes",
           "apprentice_days": "300", "apprentice_years_claimed": "0", "tax_year_wages": "30000"}  # fmt: skip


def test_from_an_estimate_to_what_was_claimed_and_back(page, sign_in):
    sign_in("alice@example.org")
    page.locator("table a[href^='/employers/']").nth(3).click()
    page.get_by_role("link", name="Screen a hire").click()
    hire = screened(page, "W.L.")
    page.get_by_text("What was claimed elsewhere is not known").get_by_role("link").click()
    accessible(page)
    claims = claimed(page)
    assert "Left: $3,000." in page.locator("main").inner_text()
    program = f"{hire}/programs/ma-ratc"
    page.goto(program)
    page.get_by_role("button", name="Open a case").click()
    page.wait_for_url(re.compile("/cases/"))
    case = page.url
    assert "$3,000" in page.locator("main").inner_text()
    addresses = (hire, program, claims, case)
    for address in addresses:
        page.goto(address)
        accessible(page)
    with reading(page, "es"):
        page.set_viewport_size({"width": 360, "height": 740})
        for address in addresses:
            page.goto(address)
            accessible(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert "Reclamado antes por 2025: $97,000. Queda: $3,000." in page.locator("main").inner_text()


def screened(page, label):
    """A welder's hire is recorded and all that its tax credit asks is answered; the address of the hire, whose page is open."""
    page.get_by_label("Who is meant").fill(label)
    page.get_by_label("First day of work").fill("2025-03-03")
    page.get_by_label("State where the work is done").fill("MA")
    page.get_by_role("button", name="Start screening").click()
    page.wait_for_url(re.compile("/hires/[0-9a-f-]+$"))
    hire = page.url
    for key, value in ANSWERS.items():
        page.goto(f"{hire}/facts/{key}")
        answer(page, key, value)
        page.get_by_role("button", name="Save", exact=True).click()
        page.wait_for_url(re.compile("/hires/[0-9a-f-]+$"))
    page.goto(hire)
    return hire


def answer(page, key, value):
    field = page.locator(f"main [name='f-{key}']")
    page.locator(f"label[for='f-{key}-{value}']").click() if value in ("yes", "no") else field.fill(value)


def claimed(page):
    """On the page that keeps it, which is open; its address."""
    page.get_by_label("Program").select_option("ma-ratc")
    page.get_by_label("For which year").fill("2025")
    page.get_by_label("Amount").fill("97000")
    page.get_by_label("For how many people").fill("20")
    page.get_by_label("Where this comes from").fill("Their accountant, by phone")
    page.get_by_role("button", name="Keep it").click()
    page.get_by_text("It counts in estimates from now on.").wait_for()
    return page.url


def test_the_employer_sees_the_same_in_the_portal(page, sign_in):
    sign_in("erin@example.org")
    own = page.locator("a[href^='/portal/employers/']").first.get_attribute("href").rpartition("/")[2]
    sign_in("alice@example.org")
    page.goto(f"/employers/{own}/hires/new")
    hire = screened(page, "W.E.").rpartition("/")[2]
    page.get_by_role("button", name="Share with the employer").click()
    page.get_by_text("The employer's people see it in their portal now.").wait_for()
    page.goto(f"/employers/{own}/claims")
    claimed(page)
    sign_in("erin@example.org")
    page.goto(f"/portal/hires/{hire}")
    before = page.get_by_role("region", name="What was claimed before")
    assert "Claimed before for 2025: $97,000. Left: $3,000." in before.inner_text() and "Their accountant, by phone" in before.inner_text()
    assert "$3,000" in page.get_by_role("region", name="Best together").inner_text()
    sound(page)
    page.set_viewport_size(PHONE)
    with reading(page, "es"):
        page.goto(f"/portal/hires/{hire}")
        assert "Reclamado antes por 2025: $97,000. Queda: $3,000." in page.locator("#before ~ p").nth(1).inner_text()
        sound(page)


def test_without_an_account_it_is_asked_last_and_taken_off(page):
    page.set_viewport_size(PHONE)
    page.goto("/incentives")
    page.get_by_label("State where the work is done").select_option("MA")
    earlier = page.get_by_label("How much did the employer already claim of it for 2025?")
    for _round in range(12):
        for key in page.locator("input[name='asked']").first.get_attribute("value").split(","):
            if key in ANSWERS | {"work_start": ""}:
                answer(page, key, (ANSWERS | {"work_start": "2025-03-03"})[key])
        page.get_by_role("button", name="Continue").click()
        at_rest(page)
        if earlier.count():
            break
    assert page.get_by_text("The amounts hold if nothing was claimed before.").is_visible()
    sound(page)
    earlier.fill("97,000")
    page.get_by_role("button", name="Continue").click()
    at_rest(page)
    page.locator("#best ~ .amount", has_text="$3,000").wait_for()
    page.get_by_role("button", name="Español").click()
    page.get_by_text("Reclamado antes por 2025: $97,000. Queda: $3,000.").first.wait_for()
    sound(page)
