"""A season's pledges in a real browser: sound in both widths and languages, and counted without a mouse."""

from tests.browser.languages import on_a_phone_and_at_a_desk, reading
from tests.browser.soundness import sound


@on_a_phone_and_at_a_desk
def test_every_page_of_a_drive_is_sound(page, sign_in, width, language):
    sign_in("manager@example.org")
    page.set_viewport_size({"width": width, "height": 800})
    with reading(page, language):
        for path in ("/pledge-drives", "/pledge-drives/new"):
            page.goto(path)
            sound(page)
        page.goto("/pledge-drives")
        page.locator("table.data tbody a", has_text="20").first.click()
        page.wait_for_url("**/pledge-drives/*-*")
        page.locator("details.quick-log > summary").first.click()
        sound(page)
        page.locator("#shown table a").first.click()
        page.wait_for_url("**/pledges/*")
        page.locator("main details > summary").first.click()
        sound(page)
        pledge = page.url
        page.goto(f"{pledge}/edit")
        sound(page)
        page.goto(f"{pledge}/incentives")
        sound(page)
        page.goto("/pledge-drives")
        page.locator("table.data tbody a").first.click()


def test_a_pledge_is_recorded_counted_and_taken_back_with_the_keyboard_alone(page, sign_in):
    sign_in("alice@example.org")
    page.goto("/pipeline?view=table&owner=me")
    page.locator("table.data tbody a").first.click()
    page.wait_for_url("**/employers/*")
    page.get_by_role("link", name="Record a pledge").focus()
    page.keyboard.press("Enter")
    page.get_by_label("How many slots").focus()
    page.keyboard.type("3")
    page.get_by_label("Who it is for (optional)").focus()
    page.keyboard.type("12th grade")
    page.keyboard.press("Enter")
    page.get_by_text("The pledge is recorded.").wait_for()
    page.get_by_label("How many slots").focus()
    page.keyboard.type("4")
    page.keyboard.press("Enter")
    page.get_by_role("alert").get_by_text("4 matched slots, and 3 are pledged").wait_for()
    sound(page)
    page.get_by_label("How many slots").fill("2")
    page.keyboard.press("Enter")
    page.get_by_text("Counted.").wait_for()
    page.get_by_role("button", name="Undo").focus()
    page.keyboard.press("Enter")
    page.get_by_text("It does not count any more.").wait_for()
    sound(page)
