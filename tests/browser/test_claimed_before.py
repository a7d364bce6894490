"""What was claimed before, as a career specialist tells it: from the hire to the page that keeps it and back to what is left, also on a phone in Spanish."""

import re

from tests.browser.languages import reading
from tests.browser.soundness import accessible

ANSWERS = {"tax_year_begins": "2025-01-01", "apprentice_registered": "yes", "apprentice_occupation_listed": "yes", "apprentice_workplace_ma": "yes",
           "apprentice_days": "300", "apprentice_years_claimed": "0", "tax_year_wages": "30000"}  # fmt: skip


def test_from_an_estimate_to_what_was_claimed_and_back(page, sign_in):
    sign_in("alice@example.org")
    page.locator("table a[href^='/employers/']").nth(3).click()
    page.get_by_role("link", name="Screen a hire").click()
    page.get_by_label("Who is meant").fill("W.L.")
    page.get_by_label("First day of work").fill("2025-03-03")
    page.get_by_label("State where the work is done").fill("MA")
    page.get_by_role("button", name="Start screening").click()
    page.wait_for_url(re.compile("/hires/[0-9a-f-]+$"))
    hire = page.url
    for key, value in ANSWERS.items():
        page.goto(f"{hire}/facts/{key}")
        field = page.locator(f"main [name='f-{key}']")
        page.locator(f"label[for='f-{key}-yes']").click() if value == "yes" else field.fill(value)
        page.get_by_role("button", name="Save", exact=True).click()
        page.wait_for_url(re.compile("/hires/[0-9a-f-]+$"))
    page.goto(hire)
    page.get_by_text("What was claimed elsewhere is not known").get_by_role("link").click()
    accessible(page)
    page.get_by_label("Program").select_option("ma-ratc")
    page.get_by_label("For which year").fill("2025")
    page.get_by_label("Amount").fill("97000")
    page.get_by_label("For how many people").fill("20")
    page.get_by_label("Where this comes from").fill("Their accountant, by phone")
    page.get_by_role("button", name="Keep it").click()
    page.get_by_text("It counts in estimates from now on.").wait_for()
    claims = page.url
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
