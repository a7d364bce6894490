"""Likely duplicates in a real browser: asked while typing, explained, decided by keyboard, in both widths and languages."""

from tests.browser.languages import on_a_phone_and_at_a_desk, reading
from tests.browser.soundness import sound


@on_a_phone_and_at_a_desk
def test_every_page_of_likely_duplicates_is_sound(page, sign_in, width, language):
    sign_in("admin@example.org")
    page.set_viewport_size({"width": width, "height": 800})
    with reading(page, language):
        page.goto("/duplicates/policy")
        sound(page)
        page.goto("/employers")
        page.locator("table.data tbody a").first.click()
        name = page.locator("h1").inner_text()
        employer = page.url
        page.goto("/employers/new")
        page.locator("#name").fill(name)
        page.locator("#hints .usa-alert").wait_for()
        sound(page)
        page.locator("main button[type=submit]").last.click()
        page.locator("#reason").wait_for()
        sound(page)
        page.goto(f"{employer}/people/new")
        page.locator("#given_name").fill("Zoraida")
        page.locator("#family_name").fill("Quiroga")
        page.locator("main button[type=submit]").last.click()
        page.goto(f"{employer}/people/new")
        page.locator("#given_name").fill("Zoraida")
        page.locator("#family_name").fill("Quiroga")
        page.locator("main button[type=submit]").last.click()
        page.locator("#anyway").wait_for()
        sound(page)


def test_a_likely_double_is_added_by_keyboard_with_a_reason(page, sign_in):
    sign_in("alice@example.org")
    page.goto("/employers")
    page.locator("table.data tbody a").first.click()
    name = page.locator("h1").inner_text()
    page.goto("/employers/new")
    page.locator("#name").focus()
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    page.locator("#reason").wait_for()
    page.locator("#anyway").focus()
    page.keyboard.press("Space")
    page.locator("#reason").focus()
    page.keyboard.type("They told me of the other one")
    page.keyboard.press("Enter")
    page.wait_for_url("**/employers/*")
    page.get_by_text("is in the directory").wait_for()
