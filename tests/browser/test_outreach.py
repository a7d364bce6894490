"""The pages on which staff live all day, in both widths and languages: sound to axe, and no wider than the screen."""

from tests.browser.languages import on_a_phone_and_at_a_desk, reading
from tests.browser.soundness import sound

PAGES = ("/today", "/tasks?whose=board", "/tasks/reminders", "/pipeline", "/pipeline?view=table", "/pipeline?view=funnel", "/mailings",
         "/email-templates", "/email-templates/new", "/mailings/new", "/sequences", "/sequences/new", "/enrol", "/duplicates")  # fmt: skip



@on_a_phone_and_at_a_desk
def test_every_page_of_the_day_is_sound(page, sign_in, width, language):
    sign_in("manager@example.org")
    page.set_viewport_size({"width": width, "height": 800})
    with reading(page, language):
        for path in (*PAGES, "/pipelines"):
            page.goto(path)
            sound(page)
        page.goto("/pipeline?view=table")
        page.locator("table.data tbody a").first.click()
        page.wait_for_url("**/employers/*")
        sound(page)
        page.goto(f"{page.url}/courtesy")
        for each in page.locator("main details > summary").all():
            each.click()
        sound(page)
        page.goto("/email-templates")
        page.locator("table.data tbody a").first.click()
        page.wait_for_url("**/edit")
        sound(page)


def test_many_are_moved_with_the_keyboard_alone(page, sign_in):
    """Tick, choose, look at it first, change, take it back: without a mouse."""
    sign_in("alice@example.org")
    page.goto("/pipeline?view=table&owner=me")
    box = page.locator("table.data tbody .tick").first
    name = box.get_attribute("aria-label")
    box.focus()
    page.keyboard.press("Space")
    page.get_by_label("Stage", exact=True).focus()
    page.keyboard.type("Contacted")
    page.get_by_role("button", name="Look at it first").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Move to Contacted").wait_for()
    sound(page)
    assert name in page.locator("main").inner_text()
    change = page.get_by_role("button", name="Change 1 employer")
    if change.count():
        change.focus()
        page.keyboard.press("Enter")
        page.get_by_text("1 employer changed.").wait_for()
        page.get_by_role("button", name="Undo").focus()
        page.keyboard.press("Enter")
        page.get_by_text("1 change was taken back.").wait_for()
