"""The story of an employer, logging from anywhere, one note for many: sound to axe, by keyboard alone, in both widths and languages."""

import re

from tests.browser.languages import on_a_phone_and_at_a_desk, reading
from tests.browser.slowness import at_rest
from tests.browser.soundness import sound

PAGES = ("/log", "/services", "/service-codes", "/engagement-levels")


@on_a_phone_and_at_a_desk
def test_every_page_of_what_happened_is_sound(page, sign_in, width, language):
    sign_in("alice@example.org")
    page.set_viewport_size({"width": width, "height": 800})
    with reading(page, language):
        for path in PAGES:
            page.goto(path)
            sound(page)
        page.goto("/employers?engaged=mine&level=2")
        sound(page)
        page.locator("table.data tbody td > a").first.click()
        page.wait_for_url(re.compile("/employers/[0-9a-f-]{36}$"))
        employer = page.url
        for each in page.locator("[data-log-call] summary").all():
            each.click()
        sound(page)
        for path in ("timeline", "level"):
            page.goto(f"{employer}/{path}")
            sound(page)
        page.goto(employer)
        for kind in ("establishments", "contacts"):
            page.goto(page.locator(f'main a[href^="/{kind}/"]').first.get_attribute("href"))
            sound(page)
            page.goto(employer)
        page.goto(f"/log?employer={employer.rpartition('/')[2]}")
        sound(page)


def test_a_call_is_logged_from_anywhere_with_the_keyboard_alone(page, sign_in):
    """c, a few letters, Tab, Enter, one line, Enter; then change it, and take the change back."""
    sign_in("alice@example.org")
    page.goto("/employers?engaged=mine")
    name = page.locator("table.data tbody td > a").first.inner_text()
    page.goto("/tasks")
    page.keyboard.press("c")
    page.wait_for_url("**/log")
    page.keyboard.type(name[:12])
    page.locator("#whom-found a", has_text=name).first.wait_for()
    page.locator("#whom-found a", has_text=name).first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/log?employer=*")
    page.get_by_label("In one line").focus()
    page.keyboard.type("Rang about the summer")
    page.keyboard.press("Enter")
    page.get_by_text("Logged.").wait_for()
    assert page.locator("#timeline > li").first.inner_text().startswith("Call: Rang about the summer")
    page.get_by_role("link", name="Details Rang about the summer").first.focus()
    page.keyboard.press("Enter")
    line = page.get_by_label("In one line")
    line.fill("Rang about the winter")
    line.press("Enter")
    page.get_by_text("Saved.").wait_for()
    assert "Rang about the winter" in page.locator("#timeline > li").first.inner_text()
    page.get_by_role("button", name="Undo").press("Enter")
    page.get_by_text("It says again what it said before.").wait_for()
    assert "Rang about the summer" in page.locator("#timeline > li").first.inner_text()


def test_the_timeline_goes_on_and_is_narrowed_where_it_stands(page, sign_in):
    sign_in("alice@example.org")
    page.goto("/employers?engaged=mine&level=2")
    page.locator("table.data tbody td > a").first.click()
    page.wait_for_url(re.compile("/employers/[0-9a-f-]{36}$"))
    page.goto(f"{page.url}/timeline")
    page.get_by_label("What was it?").select_option("stage_move")
    page.wait_for_url("**kind=stage_move*")
    at_rest(page)
    lines = page.locator("#timeline > li").all_inner_texts()
    assert lines and all(line.startswith("Moved to") for line in lines)
    page.get_by_role("link", name=re.compile("Stage move")).click()
    at_rest(page)
    assert len(page.locator("#timeline > li").all()) > len(lines)


def test_one_note_is_written_on_many_timelines_and_taken_back(page, sign_in):
    sign_in("alice@example.org")
    page.goto("/employers?engaged=mine")
    for box in page.locator("table.data tbody .tick").all()[:3]:
        box.press("Space")
    page.get_by_role("button", name="Write one note").press("Enter")
    page.get_by_role("heading", name="One note for 3 employers").wait_for()
    sound(page)
    page.get_by_label("In one line").fill("Invited to the breakfast")
    page.get_by_role("button", name="Write it on 3 timelines").press("Enter")
    page.get_by_text("The note is on 3 timelines.").wait_for()
    page.get_by_role("button", name="Undo").press("Enter")
    page.get_by_text("The note is off 3 timelines.").wait_for()
