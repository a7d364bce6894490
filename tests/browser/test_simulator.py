"""A state analyst tries a draft beside the installed program, in a real browser: mended once, worked out, read on a phone in Spanish."""

import re

from tests.browser.languages import reading
from tests.browser.slowness import at_rest
from tests.browser.test_outreach import sound
from tests.incentives.test_trials import draft, number, table


def files(*listed):
    return [{"name": name, "mimeType": "text/plain", "buffer": body} for name, body in listed]


def test_a_draft_is_tried_and_read_on_a_phone_in_spanish(page, sign_in):
    sign_in("analyst@example.org")
    page.goto("/cases")
    page.get_by_role("link", name="Policy simulator").click()
    tried(page, [("draft.yaml", draft("date_key:", "datekey:"))])
    assert page.get_by_role("alert").get_by_text("draft.yaml, line 9: unknown key 'datekey'").is_visible()
    sound(page)
    tried(page, [("draft.yaml", draft()), number("ma_ratc.rate", "0.5", "0.25")])
    page.get_by_text("Draft A: $80,000 for 40 hires of 40.").first.wait_for()
    assert page.locator("svg.chart[role=img]").count() >= 2
    sound(page)
    with reading(page, "es"):
        result = page.url
        page.set_viewport_size({"width": 360, "height": 800})
        for address in ("/incentives/simulator", "/incentives/shadow", result):
            page.goto(address)
            sound(page)
        assert page.get_by_role("heading", name="Por tamaño del empleador").is_visible()


def tried(page, listed):
    page.locator("#draft").set_input_files(files(*listed))
    page.locator("#hires").set_input_files(files(("hires.csv", table(40))))
    page.locator("#against").select_option("ma-ratc")
    page.get_by_role("button", name="Work it out").click()
    page.wait_for_url(re.compile("/incentives/simulator(/[0-9a-f-]{36})?$"))
    at_rest(page)
