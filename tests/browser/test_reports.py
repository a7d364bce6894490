"""What leaders see in a real browser: sound on a phone and in Spanish, by the keyboard alone, on paper and by mail."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.languages import reading
from tests.browser.soundness import sound


@pytest.mark.parametrize(("width", "language", "scheme"), [(360, "es", "dark"), (1280, "en", "light")])
def test_every_page_of_the_reports_is_sound(page, sign_in, width, language, scheme):
    sign_in("manager@example.org")
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/reports")
    if not page.locator(".report").count():
        page.get_by_role("button", name="Count anew").click()
        page.wait_for_function("async () => (await (await fetch('/reports')).text()).includes('class=\"card report\"')", timeout=60_000)
    with reading(page, language):
        page.goto("/reports")
        assert page.locator("svg.chart[role=img]").count() >= 4
        sound(page)
        page.locator(".report__tables a").first.click()
        page.wait_for_url("**/reports/rows*")
        sound(page)
        page.goto("/reports/by-mail")
        sound(page)
        page.goto("/reports")
        page.emulate_media(media="print")
        assert page.locator(".page-actions").first.is_hidden() and page.locator("svg.chart").first.is_visible()
        page.emulate_media(media="screen")


def test_a_manager_subscribes_a_colleague_and_stops_it_by_the_keyboard(page, sign_in):
    sign_in("manager@example.org")
    page.goto("/reports/by-mail")
    page.get_by_label("Who").select_option(label="Bob Lindqvist")
    page.get_by_label("How often").select_option("monthly")
    page.get_by_label("Day of the month").fill("31")
    page.get_by_role("button", name="Subscribe").focus()
    page.keyboard.press("Enter")
    row = page.get_by_role("row").filter(has_text="Bob Lindqvist")
    expect(row).to_contain_text("Every month, on day 31")
    row.get_by_role("button", name="Pause").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("row").filter(has_text="Bob Lindqvist")).to_contain_text("Paused")
    sound(page)
    page.get_by_role("row").filter(has_text="Bob Lindqvist").get_by_role("button", name="Stop").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("row").filter(has_text="Bob Lindqvist")).to_have_count(0)
    assert re.search(r"Stopped\.", page.content())
