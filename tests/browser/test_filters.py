"""What narrows a list: asked once, the newest wins, the focus stays; on a phone one line that opens by keyboard and without JavaScript."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.slowness import at_rest
from tests.browser.soundness import sound

PHONE = {"width": 360, "height": 740}


class Held:
    """Answers to the filters of a page, kept back until `release`; `asked` are their addresses."""

    def __init__(self, page):
        self.asked, self._waiting, self._page = [], [], page
        page.route(re.compile(r"\?"), self._hold)

    def _hold(self, route):
        if "hx-request" in route.request.headers:
            self.asked.append(route.request.url)
            self._waiting.append(route)
        else:
            route.continue_()

    def wait_for(self, count):
        """Until so many were asked, or the test's own time is over: each turn lets the browser say what it sent."""
        deadline = time.monotonic() + 30
        while len(self.asked) < count:
            assert time.monotonic() < deadline, self.asked
            self._page.evaluate("new Promise(requestAnimationFrame)")

    def release(self):
        """Lets all go; what was given up meanwhile has no one to go to."""
        while self._waiting:
            self._waiting.pop(0).continue_()
        at_rest(self._page)


@pytest.fixture
def held(page):
    return Held(page)


def field(page):
    return page.locator(".filters [type=search]")


def test_enter_asks_once_and_pressed_again_asks_anew(page, sign_in, held):
    """Enter in a field is a change and then a submit; so is a press of the button beside it."""
    sign_in("manager@example.org")
    page.goto("/municipalities")
    field(page).fill("Auburn")
    field(page).press("Enter")
    held.wait_for(1)
    held.release()
    page.get_by_role("link", name="Correct Boylston").wait_for(state="detached")
    field(page).fill("Boylston")
    page.get_by_role("button", name="Show", exact=True).focus()  # the change
    held.wait_for(2)
    held.release()
    page.get_by_role("link", name="Correct Boylston").wait_for()
    page.keyboard.press("Enter")  # and the submit: nothing new
    assert len(held.asked) == 2
    page.keyboard.press("Enter")
    held.wait_for(3)
    held.release()


def test_the_newest_query_wins(page, sign_in, held):
    sign_in("manager@example.org")
    page.goto("/municipalities")
    field(page).fill("Auburn")
    field(page).press("Enter")
    held.wait_for(1)
    field(page).fill("Worcester")
    field(page).press("Enter")
    held.wait_for(2)
    held.release()
    page.get_by_text("1 town", exact=True).wait_for()
    page.get_by_role("link", name="Correct Worcester").wait_for()
    assert page.get_by_role("link", name="Correct Auburn").count() == 0
    assert page.url.endswith("q=Worcester&board=&county=")


def test_typing_is_looked_up_once_though_the_field_is_left(page, sign_in, held):
    sign_in("alice@example.org")
    page.goto("/employers")
    name = page.locator("[id^=row-]").first.inner_text()
    field(page).press_sequentially(name)
    held.wait_for(1)
    held.release()
    asked = len(held.asked)  # as many as the typing had pauses
    field(page).press("Tab")  # its change
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")  # its submit: the first that asks again without a change
    assert len(held.asked) == asked


LISTS = ["/employers", "/pipeline?view=table", "/pipeline?view=board", "/cases", "/municipalities"]


@pytest.mark.parametrize("url", LISTS)
def test_the_focus_stays_on_a_link_while_its_list_is_swapped(page, sign_in, held, url):
    sign_in("manager@example.org" if url == "/municipalities" else "alice@example.org")
    page.goto(url)
    link = page.locator("#found [id^=correct-]" if url == "/municipalities" else "[id^=row-]").first
    row = link.get_attribute("id")
    words = " ".join(link.inner_text().split()).removeprefix("Correct ").split(", ")[-1]
    field(page).fill(words)
    field(page).press("Enter")
    held.wait_for(1)
    link.focus()
    held.release()
    assert "q=" in page.url  # the list is the new one
    assert page.evaluate("document.activeElement.id") == row
    page.keyboard.press("Enter")
    page.wait_for_url(lambda now: "q=" not in now or "edit=" in now)


def test_where_the_link_is_gone_the_focus_is_on_the_list(page, sign_in, held):
    sign_in("manager@example.org")
    page.goto("/municipalities")
    field(page).fill("Worcester")
    field(page).press("Enter")
    held.wait_for(1)
    page.get_by_role("link", name="Correct Auburn").focus()
    held.release()
    assert page.evaluate("document.activeElement.id") == "found"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#found') !== null")


FOLDED = [("/employers?sector=62&size=10-49", "size"), ("/pipeline?owner=me&due=overdue", "due"), ("/cases?due=week&age=30", "age")]


@pytest.mark.parametrize(("url", "set_one"), FOLDED)
def test_on_a_phone_they_fold_behind_how_many_are_set(page, sign_in, url, set_one):
    sign_in("alice@example.org")
    page.set_viewport_size(PHONE)
    page.goto(url)
    fold = page.locator(".filters__fold > summary")
    expect(fold).to_have_text("Filters (2)")
    assert field(page).is_visible()
    first = page.locator(".filters__all select").first
    assert not first.is_visible()
    sound(page)
    fold.press("Enter")
    assert first.is_visible()
    sound(page)
    page.locator(f".filters__all [name={set_one}]").select_option("")
    expect(fold).to_have_text("Filters (1)")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(url)
    assert first.is_visible()
    assert not fold.is_visible()
    sound(page)


def test_the_fold_opens_without_javascript(page, sign_in, chromium, server):
    sign_in("alice@example.org")
    plain = chromium.new_context(base_url=server, viewport=PHONE, java_script_enabled=False, storage_state=page.context.storage_state())
    try:
        still = plain.new_page()
        still.goto("/employers?sector=62")
        still.get_by_text("Filters (1)").click()
        still.get_by_label("Employees", exact=True).and_(still.locator("select")).select_option("10-49")
        still.get_by_role("button", name="Show", exact=True).click()
        still.wait_for_url("**size=10-49**")
        still.get_by_text("Filters (2)").wait_for()
    finally:
        plain.close()
