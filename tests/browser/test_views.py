"""Lists as people make them their own: views, in both widths and languages, and by keyboard alone."""

from tests.browser.languages import on_a_phone_and_at_a_desk, reading
from tests.browser.soundness import sound


@on_a_phone_and_at_a_desk
def test_every_page_of_views_is_sound(page, sign_in, width, language):
    sign_in("bob@example.org")
    page.set_viewport_size({"width": width, "height": 800})
    with reading(page, language):
        for path in ("/employers?sector=62&size=10-49", "/pipeline?view=table&due=overdue", "/tasks?whose=board"):
            page.goto(path)
            page.locator("summary", has_text="Guardar como vista" if language == "es" else "Save as a view").click()
            sound(page)
            page.locator("main [name=name]").fill(f"Mine {width}")
            page.locator("main [name=name]").press("Enter")
            page.locator(".tabs [aria-current=page]", has_text=f"Mine {width}").wait_for()
            sound(page)
        page.goto("/views")
        sound(page)
        page.locator("table.data a[href$='/edit']").first.click()
        page.wait_for_url("**/edit")
        sound(page)


def test_a_view_is_kept_and_put_away_with_the_keyboard_alone(page, sign_in):
    sign_in("bob@example.org")
    page.goto("/employers?sector=23")
    summary = page.locator("summary", has_text="Save as a view")
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Builders")
    page.keyboard.press("Enter")
    page.locator(".tabs [aria-current=page]", has_text="Builders").wait_for()
    page.get_by_role("button", name="Undo").focus()
    page.keyboard.press("Enter")
    page.get_by_text("“Builders” is put away.").wait_for()


def test_many_employers_are_changed_with_the_keyboard_alone(page, sign_in):
    """Tick, open the bar, choose, look at it first, change, take it back."""
    sign_in("bob@example.org")
    page.goto("/employers?q=hilltown")
    box = page.locator("table.data tbody .tick").first
    name = box.get_attribute("aria-label")
    box.focus()
    page.keyboard.press("Space")
    page.locator("summary", has_text="Change many").focus()
    page.keyboard.press("Enter")
    sound(page)
    page.locator("#b-change").focus()
    page.keyboard.type("Ownership")
    page.locator("#b-ownership").focus()
    page.keyboard.type("Tribal")
    page.get_by_role("button", name="Look at it first").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Ownership: Tribal body").wait_for()
    sound(page)
    assert name in page.locator("main").inner_text()
    page.get_by_role("button", name="Change 1 employer").focus()
    page.keyboard.press("Enter")
    page.get_by_text("1 employer changed.").wait_for()
    page.get_by_role("button", name="Undo").focus()
    page.keyboard.press("Enter")
    page.get_by_text("1 change was taken back.").wait_for()


def test_search_goes_there_with_the_keyboard_alone(page, sign_in):
    """Ctrl K from anywhere, words, arrow keys, Enter; Escape closes; a reader hears which option is chosen."""
    sign_in("bob@example.org")
    page.goto("/pipeline")
    page.keyboard.press("Control+k")
    field, found = page.get_by_role("combobox", name="Search and go"), page.locator("#site-suggestions")
    found.get_by_role("option", name="Today").wait_for()  # nothing typed yet: the pages to go to
    sound(page)
    page.keyboard.type("hilltown")
    found.get_by_role("option", name="Log a call").wait_for()
    sound(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    chosen = page.locator("#site-suggestions [aria-selected=true]")
    assert chosen.count() == 1 and field.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    page.keyboard.press("Escape")
    assert field.get_attribute("aria-expanded") == "false" and found.get_by_role("option").count() == 0
    page.keyboard.type(" family")
    found.get_by_role("option", name="Hilltown Family Dental LLC").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Hilltown Family Dental LLC", level=1).wait_for()
    page.keyboard.press("/")
    page.keyboard.type("hilltown family")
    found.get_by_role("option", name="Log a call").wait_for()
    page.keyboard.press("ArrowUp")
    while "Log a call" not in page.locator("#site-suggestions [aria-selected=true]").inner_text():
        page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.locator("[data-log-call][open]").wait_for()
    page.goto("/search?q=dental")
    sound(page)
