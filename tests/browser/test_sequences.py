"""A sequence with the keyboard alone: made, put in order, begun, paused and stopped; each page sound to axe, in both widths and languages."""

import re

from tests.browser.languages import reading
from tests.browser.soundness import sound


def press(page, role, name, key="Enter"):
    found = page.get_by_role(role, name=name).first
    found.focus()
    page.keyboard.press(key)


def typed(page, label, text):
    page.get_by_label(label).first.focus()
    page.keyboard.type(text)


def test_a_sequence_with_the_keyboard_alone(page, sign_in):
    sign_in("alice@example.org")
    page.goto("/sequences")
    sound(page)
    press(page, "link", "Make a sequence")
    page.wait_for_url("**/sequences/new")
    sound(page)
    typed(page, "Name, for you", "After the fair")
    press(page, "button", "Make it")
    page.get_by_text("Give it its steps").wait_for()
    sound(page)
    for kind, title, days in (("Add call", "Call them", "2"), ("Add visit", "See them", "5")):
        press(page, "link", kind)
        page.get_by_role("heading", name=kind).wait_for()
        typed(page, "Name of the step", title)
        page.get_by_label("Working days after the step before").fill(days)
        sound(page)
        press(page, "button", "Save")
        page.get_by_text("added at the end").wait_for()
    press(page, "button", "Move up See them")
    page.get_by_text("Moved up.").wait_for()
    assert [text.partition("\n")[0] for text in page.locator("#steps + ol li").all_inner_texts()] == ["1. See them Visit", "2. Call them Call"]
    press(page, "link", "Add mail")
    page.get_by_role("heading", name="Add mail").wait_for()
    sound(page)

    page.goto("/pipeline?view=table&owner=me")
    page.locator("table.data tbody a").first.click()
    page.wait_for_url("**/employers/*")
    sound(page)
    press(page, "link", "Begin a sequence")
    page.get_by_role("heading", name="Begin a sequence").wait_for()
    sound(page)
    page.get_by_label("Sequence", exact=True).focus()
    page.keyboard.type("After the fair")
    press(page, "button", "Begin")
    page.get_by_text("It begins now").wait_for()
    press(page, "link", "After the fair")
    page.wait_for_url("**/sequences/*")
    sound(page)
    assert "Step 1 of 2: See them" in page.locator("main").inner_text()
    press(page, "button", re.compile("^Pause(?! for)"))
    page.get_by_text("Paused for this person.").wait_for()
    press(page, "button", "Undo")
    page.get_by_text("It goes on for this person.").wait_for()
    press(page, "button", re.compile("^Stop"))
    page.get_by_text("Someone stopped it").wait_for()
    sound(page)


def test_every_page_of_sequences_is_sound_on_a_phone_in_spanish(page, sign_in):
    sign_in("alice@example.org")
    page.set_viewport_size({"width": 360, "height": 800})
    with reading(page, "es"):
        for path in ("/sequences", "/sequences/new", "/enrol"):
            page.goto(path)
            sound(page)
        page.goto("/sequences")
        if page.locator("table.data tbody a").count():
            page.locator("table.data tbody a").first.click()
            page.wait_for_url("**/sequences/*")
            sound(page)
            page.get_by_role("link", name="Configurar").first.click()
            page.wait_for_url("**/edit")
            sound(page)
